using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;

namespace Backprop.Interop.Tests.Torch;

/// <summary>The engine's training steps are libtorch's, in double, but for rounding.</summary>
[Collection(TorchCollection.Name)]
public sealed class TrainingStepTests
{
    public static TheoryData<int> Optimizers => [.. Enumerable.Range(0, Optimizer.All.Count)];

    [Theory, MemberData(nameof(Optimizers))]
    public void TenStepsOfEveryOptimizerAreLibtorchs(int index)
    {
        var optimizer = OptimizerAudit.Comparable(Optimizer.All[index]);
        var mlp = Mlp.Parse("6-20-9-3", Activation.Of(new Tanh()), Head.Multiclass);
        var table = RandomBatch.Of(mlp, 40, 3).To<double>();
        var (ours, theirs) = (Initializers.Default<double>(mlp, 1), Initializers.Default<double>(mlp, 1));
        using var step = new TrainingStep<double>(ours, optimizer, 20);
        using var twin = new TorchModel<double>(theirs, optimizer);
        for (var i = 0; i < 10; i++)
        {
            var rows = Enumerable.Range(i % 2 * 20, 20).ToArray();
            var (ourLoss, theirLoss) = (step.Run(table, rows), twin.Step(table, rows));
            Assert.Equal(theirLoss, ourLoss, 1e-12);
        }

        step.CopyWeightsTo(ours);
        twin.CopyTo(theirs);
        for (var i = 0; i < ours.Values.Length; i++)
        {
            // Relative to the distance travelled, which 10 steps keep below 1; Adam's √v enlarges last bits by up to 1000.
            Assert.True(Math.Abs(ours.Values[i] - theirs.Values[i]) <= 1e-12, $"{optimizer}, weight {i}: "
                + $"ours {ours.Values[i]:R}, libtorch's {theirs.Values[i]:R}");
        }
    }
}
