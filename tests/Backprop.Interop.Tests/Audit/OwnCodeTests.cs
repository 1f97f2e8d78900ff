using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Interop.Tests.Graph;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Code of a user's own passes its check where it is sound, and fails with a message that says where where it is not.</summary>
[Collection(TorchCollection.Name)]
public sealed class OwnCodeTests
{
    private const int Features = 30, Units = 20;

    [Fact]
    public void ANetworkOfThisLibraryPasses()
    {
        var weights = Initializers.Default<float>(Mlp.Parse("4-16-3", Activation.Parse("silu"), Head.Multiclass), 1);
        Faults.AreNone(GradientAudit.Check(weights, RandomBatch.Of(weights.Model, 12, 2)));
    }

    [Fact]
    public void ASoundBackwardPassPassesInEitherPrecision()
    {
        Faults.AreNone(GradientAudit.Check<double>((x, y) => Wave(x, y), (x, dy, dx) => WaveBackward(x, dy, dx, 1), 5, 5));
        Faults.AreNone(GradientAudit.Check<float>(
            (x, y) =>
            {
                for (var i = 0; i < x.Length; i++)
                {
                    y[i] = x[i] * x[i] * x[(i + 1) % x.Length];
                }
            },
            (x, dy, dx) =>
            {
                for (var i = 0; i < x.Length; i++)
                {
                    dx[i] += dy[i] * 2 * x[i] * x[(i + 1) % x.Length];
                    dx[(i + 1) % x.Length] += dy[i] * x[i] * x[i];
                }
            },
            5, 5));
        Faults.AreNone(GradientAudit.Check<double>(Layer, (x, w, b, dy, dx, dw, db) => LayerBackward(x, w, b, dy, dx, dw, db, -1, 1), (Features, Features * Units, Units), Units));
    }

    /// <summary>The wrong sign, a missing factor, a factor that is off by a millionth.</summary>
    [Theory, InlineData(-1), InlineData(0.5), InlineData(1.000001)]
    public void ABackwardPassWithAWrongFactorIsFound(double factor)
        => Faults.AreOurs(() => GradientAudit.Check<double>((x, y) => Wave(x, y), (x, dy, dx) => WaveBackward(x, dy, dx, factor), 1, 1), "dx [0, 0]: ours");

    [Fact]
    public void ABackwardPassOffByOneElementIsFound()
        => Faults.AreOurs(
            () => GradientAudit.Check<double>(
                (x, y) => Wave(x, y),
                (x, dy, dx) =>
                {
                    for (var i = 0; i < x.Length; i++)
                    {
                        dx[(i + 1) % x.Length] = dy[i] * Math.Cos(x[i]);
                    }
                },
                5, 5),
            "dx [0, ");

    /// <summary>Of hundreds of weights one has a gradient that is off by 1 %: it is named.</summary>
    [Theory, InlineData(0), InlineData(211), InlineData(599)]
    public void OneWrongElementOfALargeTensorIsNamed(int element)
        => Faults.AreOurs(
            () => GradientAudit.Check<double>(
                Layer, (x, w, b, dy, dx, dw, db) => LayerBackward(x, w, b, dy, dx, dw, db, element, 1.01), (Features, Features * Units, Units), Units),
            $"dw [0, {element}]: ours");

    [Fact]
    public void AKinkInTheWrongPlaceIsFoundAndOneInTheRightPlaceIsLeftOpen()
    {
        double[] at = [0, -1, 1, 1e-7];
        void Rectify(ReadOnlySpan<double> x, Span<double> y)
        {
            for (var i = 0; i < x.Length; i++)
            {
                y[i] = Math.Max(0, x[i]);
            }
        }

        BackwardOf<double> Backward(double kink, double slope) => (x, dy, dx) =>
        {
            for (var i = 0; i < x.Length; i++)
            {
                dx[i] = x[i] > kink ? dy[i] : x[i] == 0 ? slope * dy[i] : 0;
            }
        };

        Faults.AreOurs(() => GradientAudit.Check(Rectify, Backward(1e-6, 0), 4, 4, at), "dx [0, 3]: ours 0,");
        Faults.AreOurs(() => GradientAudit.Check(Rectify, Backward(0, 2), 4, 4, at), "dx [0, 0]");
        foreach (var slope in new[] { 0, 0.5, 1 })
        {
            Assert.All(GradientAudit.Check(Rectify, Backward(0, slope), 4, 4, at), finding => Assert.Contains("have a kink there", finding.Where, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void CodeThatCannotBeRepeatedOrHasNothingToAuditIsToldSo()
    {
        var calls = 0;
        var error = Assert.Throws<GradientAuditException>(() => GradientAudit.Check<double>((x, y) => y[0] = x[0] + calls++, (_, dy, dx) => dx[0] = dy[0], 1, 1));
        Assert.All(error.Findings, finding => Assert.Equal(Verdict.ReferenceDoubtful, finding.Verdict));
        Assert.StartsWith("Code from 0 numbers to 2", Assert.Throws<ArgumentException>(() => GradientAudit.Check<double>((_, _) => { }, (_, _, _) => { }, 0, 2)).Message);
        Assert.Contains("Give 2, tensor after tensor", Assert.Throws<ArgumentException>(() => GradientAudit.Check<double>((_, _) => { }, (_, _, _) => { }, 2, 2, at: [1])).Message);
    }

    [Fact]
    public void AnOwnActivationAndLossAreChecked()
    {
        Faults.AreNone(GradientAudit.Check(Activation.Of(new Swell(1))));
        Faults.AreOurs(() => GradientAudit.Check(Activation.Of(new Swell(-1))), "dy/dx [0, ");
        Faults.AreOurs(() => GradientAudit.Check(Activation.Of(new Swell(1 + 1e-12))), "dy/dx [0, ");
        Faults.AreNone(GradientAudit.Check(Loss.Of(new Tilted(0.25))));
        Faults.AreOurs(() => GradientAudit.Check(Loss.Of(new Tilted(0.75))), "dℓ/dz [0, ");
    }

    /// <summary>A slope of 1e-9 that is off by half: beside numbers near 1 nobody would see it.</summary>
    [Fact]
    public void ATinySlopeThatIsWrongIsFound() => Faults.AreOurs(() => GradientAudit.Check(Activation.Of(new Faint())), "dy/dx [0, ");

    /// <summary>A kink that is a thousandth off, far between the points of a grid.</summary>
    [Fact]
    public void AKinkOfARuleThatIsNotTheFormulasIsFound() => Faults.AreOurs(() => GradientAudit.Check(Activation.Of(new Late())), "at x = 0.001, a kink: ours 0,");

    [Fact]
    public void AnOwnOperationIsChecked()
    {
        var x = Node.Input("x", 5);
        Faults.AreNone(GradientAudit.Check(Node.Of(new Direction(), x)));
        Faults.AreOurs(() => GradientAudit.Check(Node.Of(new WrongRunningSum(), x)), "x [0, 0]: ours");
        Faults.AreOurs(() => GradientAudit.Check(Node.Of(new ClaimsRows(), x)), "ClaimsRows [1, 0]: ours");
    }

    [Fact]
    public void AnOwnModuleIsChecked()
    {
        manual_seed(1);
        using var input = randn(6, 4);
        Faults.AreNone(GradientAudit.Check(new Function(x => x.tanh() * x.softmax(1)), input));
        // The slope of one of the factors is cut off.
        Faults.AreTheirs(() => GradientAudit.Check(new Function(x => x.tanh() * x.softmax(1).detach()), input), "input [", "reference (differences of its own values)");
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
        using var known = nn.Sequential(nn.Linear(4, 12), nn.BatchNorm1d(12), nn.ReLU6(), nn.Dropout(0.3), nn.Sequential(nn.LayerNorm(12), nn.PReLU(1)), nn.GELU(), nn.Linear(12, 3));
        var before = known.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());
        var findings = GradientAudit.Check(known, input);
        Faults.AreNone(findings);
        Assert.Contains(findings, finding => finding.Check.StartsWith("gradient of 4.0.weight in float32 against the network", StringComparison.Ordinal));
        Assert.All(known.state_dict(), pair => Assert.True(pair.Value.Equals(before[pair.Key]) && pair.Value.dtype == before[pair.Key].dtype, pair.Key));

        using var relu = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3));
        Faults.AreNone(GradientAudit.Check(relu, input, Mlp.Parse("4-16-3", Activation.Parse("relu"), Head.Multiclass)));
        Faults.AreTheirs(() => GradientAudit.Check(relu, input, Mlp.Parse("4-16-3", Activation.Parse("leakyrelu"), Head.Multiclass)), "0.weight [", "plain loops of the same network");
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
        Faults.AreTheirs(() => GradientAudit.Check(p => new Descent(p, 0.1, 1 + 1e-9), new Sgd { LearningRate = 0.1 }), "weights after step 1 [0, ", "Descent of TorchSharp");
        Faults.AreNone(GradientAudit.Check(o => optim.lr_scheduler.LambdaLR(o, t => 1 / (1.0 + t)), t => 0.3 / (1 + t), o => o.ParamGroups.First().LearningRate));
        Faults.AreNone(GradientAudit.Check((z, t) => (z - t).square().mean(), Loss.Of(new SquaredError())));
        Faults.AreTheirs(() => GradientAudit.Check((z, t) => (z - t).square().sum(), Loss.Of(new SquaredError())), "loss [0, 0]", "plain loops of squarederror");
        Faults.AreNone(GradientAudit.Check((z, t) => nn.functional.cross_entropy(z, t), Head.Multiclass));
    }

    [Fact]
    public void WhatIsFoundIsCarriedByTheException()
    {
        var error = Assert.Throws<GradientAuditException>(() => GradientAudit.Check(Node.Of(new WrongRunningSum(), Node.Input("x", 5))));
        Assert.Equal(3, error.Findings.Count);
        Assert.EndsWith("Mend ours at that element, and check again. 1 of 3 checks agree.", error.Message);
    }

    private static void Wave(ReadOnlySpan<double> x, Span<double> y)
    {
        for (var i = 0; i < x.Length; i++)
        {
            y[i] = Math.Sin(x[i]);
        }
    }

    private static void WaveBackward(ReadOnlySpan<double> x, ReadOnlySpan<double> dy, Span<double> dx, double factor)
    {
        for (var i = 0; i < x.Length; i++)
        {
            dx[i] = factor * dy[i] * Math.Cos(x[i]);
        }
    }

    /// <summary>tanh of W x + b.</summary>
    private static void Layer(ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, Span<double> y)
    {
        for (var unit = 0; unit < y.Length; unit++)
        {
            y[unit] = b[unit];
            for (var i = 0; i < x.Length; i++)
            {
                y[unit] += w[unit * x.Length + i] * x[i];
            }

            y[unit] = Math.Tanh(y[unit]);
        }
    }

    private static void LayerBackward(
        ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, ReadOnlySpan<double> dy, Span<double> dx, Span<double> dw, Span<double> db, int slip, double factor)
    {
        var y = new double[dy.Length];
        Layer(x, w, b, y);
        for (var unit = 0; unit < y.Length; unit++)
        {
            db[unit] = dy[unit] * (1 - y[unit] * y[unit]);
            for (var i = 0; i < x.Length; i++)
            {
                dx[i] += db[unit] * w[unit * x.Length + i];
                dw[unit * x.Length + i] = db[unit] * x[i] * (unit * x.Length + i == slip ? factor : 1);
            }
        }
    }

    /// <summary>x + x³, with a rule that is right for a factor of 1.</summary>
    private readonly record struct Swell(double Factor) : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => x + x * x * x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => Factor * (1 + 3 * x * x);
    }

    /// <summary>The pinball loss of level ¼, with a rule for another.</summary>
    private readonly record struct Tilted(double Level) : ILoss
    {
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => TX.IfPositive(t - z, 0.25 * (t - z), 0.75 * (z - t));

        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => TX.IfPositive(t - z, -(TX)Level, 1 - (TX)Level);
    }

    /// <summary>10⁻⁹ x², whose rule forgets the 2.</summary>
    private readonly record struct Faint : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => 1e-9 * x * x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1e-9 * x;
    }

    /// <summary>ReLU, whose rule turns at a thousandth.</summary>
    private readonly record struct Late : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => TX.IfPositive(x, x, 0);

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => TX.IfPositive(x - 0.001, 1, 0);
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
