using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Code of a user's own that is made on TorchSharp passes its check where it is sound, and is blamed, there, where it is not.</summary>
[Collection(TorchCollection.Name)]
public sealed class TorchCodeTests
{
    [Fact]
    public void AnOwnModuleIsChecked()
    {
        manual_seed(1);
        using var input = randn(6, 4);
        Faults.AreNone(GradientAudit.Check(new Function(x => x.tanh() * x.softmax(1)), input));
        // The slope of one of the factors is cut off.
        Faults.AreTheirs(() => GradientAudit.Check(new Function(x => x.tanh() * x.softmax(1).detach()), input),
            "input [", "reference (differences of its own values)");
        Faults.AreTheirs(() => GradientAudit.Check(new Function(x => x.detach()), input), "outputs [0, 0]", "cut off");
        using var convolution = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 2));
        Faults.AreNone(GradientAudit.Check(convolution, randn(2, 1, 6, 6)));
        using var sum = nn.Linear(4, 2);
        Faults.AreNone(GradientAudit.Check(sum, input, loss: y => y.square().mean()));
    }

    /// <summary>One of PyTorch's own layers beside the engine's, whole networks, and what is meant to be another.</summary>
    [Fact]
    public void AModuleIsHeldToTheSameNetworkHere()
    {
        manual_seed(1);
        using var input = randn(8, 4);
        using var known = nn.Sequential(nn.Linear(4, 12), nn.BatchNorm1d(12), nn.ReLU6(),
            nn.Dropout(0.3), nn.Sequential(nn.LayerNorm(12), nn.PReLU(1)), nn.GELU(), nn.Linear(12, 3));
        var before = known.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());
        var findings = GradientAudit.Check(known, input);
        Faults.AreNone(findings);
        Assert.Contains(findings, finding => finding.Check.StartsWith("gradient of 4.0.weight in float32 against the network", StringComparison.Ordinal));
        Assert.All(known.state_dict(), pair => Assert.True(pair.Value.Equals(before[pair.Key]) && pair.Value.dtype == before[pair.Key].dtype, pair.Key));

        using var relu = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3));
        Faults.AreNone(GradientAudit.Check(relu, input, Mlp.Parse("4-16-3", Activation.Parse("relu"), Head.Multiclass)));
        Faults.AreTheirs(() => GradientAudit.Check(relu, input, Mlp.Parse("4-16-3", Activation.Parse("leakyrelu"), Head.Multiclass)),
            "0.weight [", "plain loops of the same network");
        var error = Assert.Throws<ArgumentException>(() => GradientAudit.Check(relu, input, Mlp.Parse("4-8-3", Activation.Parse("relu"), Head.Multiclass)));
        Assert.StartsWith("The module has no tensor '0.weight' of 8 × 4", error.Message);
    }

    [Fact]
    public void LibtorchsStreamIsLeftWhereItWas()
    {
        using var module = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5));
        using var input = ones(2, 4);
        manual_seed(5);
        var expected = rand(3).data<float>().ToArray();
        manual_seed(5);
        GradientAudit.Check(module, input);
        GradientAudit.Check(t => nn.init.xavier_uniform_(t), new XavierUniform());
        Assert.Equal(expected, rand(3).data<float>().ToArray());
    }

    [Fact]
    public void AnOwnOptimizerScheduleAndLossOnTorchSharpAreChecked()
    {
        Faults.AreNone(GradientAudit.Check(p => new Descent(p, 0.1, 1), new Sgd { LearningRate = 0.1 }));
        Faults.AreTheirs(() => GradientAudit.Check(p => new Descent(p, 0.1, 1 + 1e-9), new Sgd { LearningRate = 0.1 }),
            "weights after step 1 [0, ", "Descent of TorchSharp");
        Faults.AreNone(GradientAudit.Check(o => optim.lr_scheduler.LambdaLR(o, t => 1 / (1.0 + t)), t => 0.3 / (1 + t),
            o => o.ParamGroups.First().LearningRate));
        Faults.AreNone(GradientAudit.Check((z, t) => (z - t).square().mean(), Loss.Of(new SquaredError())));
        Faults.AreTheirs(() => GradientAudit.Check((z, t) => (z - t).square().sum(), Loss.Of(new SquaredError())),
            "loss [0, 0]", "plain loops of squarederror");
        Faults.AreNone(GradientAudit.Check((z, t) => nn.functional.cross_entropy(z, t), Head.Multiclass));
    }

    /// <summary>Gradient descent on TorchSharp that multiplies gradients first, as a user would write it.</summary>
    private sealed class Descent(IEnumerable<Parameter> given, double rate, double factor) : SGD(given, rate)
    {
        // Lives as long as the optimizer: the garbage collector may free a temporary one while the native call still reads it.
        private readonly TorchSharp.Scalar factor = factor;

        public override Tensor step(Func<Tensor>? closure = null)
        {
            using var silent = no_grad();
            foreach (var parameter in parameters())
            {
                parameter.grad = parameter.grad! * factor;
            }

            return base.step(closure);
        }
    }
}
