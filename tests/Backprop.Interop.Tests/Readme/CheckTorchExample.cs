// <example>
using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;
using static TorchSharp.torch;

static class CheckTorchExample
{
    public static IReadOnlyList<Finding> Sound() =>
    [
        // A module: its gradients against its own values, the same network here, and its float32 against its float64.
        .. GradientAudit.Check(nn.Sequential(nn.Linear(4, 16), nn.SiLU(), nn.Linear(16, 3)), input: randn(32, 4)),
        .. GradientAudit.Check(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()), input: randn(2, 1, 6, 6), loss: y => y.square().mean()),

        // An optimizer, a scheduler, a loss, an initialiser: against the formula of that name, or one of your own.
        .. GradientAudit.Check(parameters => optim.Adam(parameters, 0.01), new Adam { LearningRate = 0.01 }),
        .. GradientAudit.Check(optimizer => optim.lr_scheduler.StepLR(optimizer, 7, 0.5), new StepRate { Every = 7, Factor = 0.5 }),
        .. GradientAudit.Check((z, t) => nn.functional.cross_entropy(z, t), Head.Multiclass),
        .. GradientAudit.Check(weight => nn.init.xavier_uniform_(weight), new XavierUniform()),
    ];

    // TorchSharp 0.107's returns its argument: logits [0, 1]: ours 1, theirs (Hardtanh) 1.45..., reference ... 1, bound 0.
    public static void Faulty() => GradientAudit.Check(nn.Hardtanh(), input: randn(32, 4));
}
// </example>
