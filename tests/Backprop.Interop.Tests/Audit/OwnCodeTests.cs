using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Interop.Tests.Graph;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Networks, backward passes and operations of a user's own pass where they are sound, and fail with a message that says where where not.</summary>
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
        Faults.AreNone(GradientAudit.Check<double>(Layer, (x, w, b, dy, dx, dw, db) => LayerBackward(x, w, b, dy, dx, dw, db, -1, 1),
            (Features, Features * Units, Units), Units));
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

    /// <summary>Each of a large tensor's elements swapped with the first one: their sum is right.</summary>
    [Fact]
    public void TwoSwappedElementsOfALargeTensorAreFound()
    {
        for (var other = 1; other < 40; other++)
        {
            Faults.AreOurs(
                () => GradientAudit.Check<double>(
                    (x, y) =>
                    {
                        for (var i = 0; i < x.Length; i++)
                        {
                            y[0] += (i + 1) * Math.Sin(x[i]);
                        }
                    },
                    (x, dy, dx) =>
                    {
                        for (var i = 0; i < x.Length; i++)
                        {
                            dx[i] = dy[0] * (i + 1) * Math.Cos(x[i]);
                        }

                        (dx[0], dx[other]) = (dx[other], dx[0]);
                    },
                    40, 1),
                "dx [0, ");
        }
    }

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
            Assert.All(GradientAudit.Check(Rectify, Backward(0, slope), 4, 4, at),
                finding => Assert.Contains("have a kink there", finding.Where, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void CodeThatCannotBeRepeatedOrHasNothingToAuditIsToldSo()
    {
        var calls = 0;
        var error = Assert.Throws<GradientAuditException>(
            () => GradientAudit.Check<double>((x, y) => y[0] = x[0] + calls++, (_, dy, dx) => dx[0] = dy[0], 1, 1));
        Assert.All(error.Findings, finding => Assert.Equal(Verdict.ReferenceDoubtful, finding.Verdict));
        Assert.StartsWith("Code from 0 numbers to 2",
            Assert.Throws<ArgumentException>(() => GradientAudit.Check<double>((_, _) => { }, (_, _, _) => { }, 0, 2)).Message);
        Assert.Contains("Give 2, tensor after tensor",
            Assert.Throws<ArgumentException>(() => GradientAudit.Check<double>((_, _) => { }, (_, _, _) => { }, 2, 2, at: [1])).Message);
    }

    [Fact]
    public void AnOwnOperationIsChecked()
    {
        var x = Node.Input("x", 5);
        Faults.AreNone(GradientAudit.Check(Node.Of(new Direction(), x)));
        Faults.AreOurs(() => GradientAudit.Check(Node.Of(new WrongRunningSum(), x)), "x [0, 0]: ours");
        Faults.AreOurs(() => GradientAudit.Check(Node.Of(new ClaimsRows(), x)), "ClaimsRows [1, 0]: ours");
    }

    /// <summary>Random numbers are no noise: of an operation that draws some, nothing can be told.</summary>
    [Fact]
    public void AnOwnOperationThatCannotBeRepeatedIsToldSo()
    {
        var error = Assert.Throws<GradientAuditException>(() => GradientAudit.Check(Node.Of(new Restless(), Node.Input("x", 5))));
        Assert.Contains(error.Findings, finding => finding is { Verdict: Verdict.ReferenceDoubtful, Check: "Bprop against differences of Run" }
            && finding.Where.Contains("other values come of the same numbers", StringComparison.Ordinal));
    }

    /// <summary>Of thousands of numbers in float one has no gradient: where differences are too rough to tell, that is no agreement.</summary>
    [Theory, InlineData(100), InlineData(20_000)]
    public void OneMissingElementOfALargeTensorDoesNotAgree(int count)
    {
        double[] at = [.. Enumerable.Range(0, count).Select(i => (i % 2 == 0 ? 1 : -1) * (0.5 + 0.4 * Math.Sin(i)))];
        Finding[] Check(int missing)
        {
            try
            {
                return
                [
                    .. GradientAudit.Check<float>(
                        (x, y) =>
                        {
                            foreach (var one in x)
                            {
                                y[0] += one;
                            }
                        },
                        (_, dy, dx) =>
                        {
                            dx.Fill(dy[0]);
                            dx[missing < 0 ? 0 : missing] = missing < 0 ? dy[0] : 0;
                        },
                        count, 1, at),
                ];
            }
            catch (GradientAuditException error)
            {
                return [.. error.Findings];
            }
        }

        Assert.All(Check(-1), finding => Assert.Equal(count > 1000 ? Verdict.Undecided : Verdict.Agrees, finding.Verdict));
        Assert.All(Check(17), finding => Assert.Equal(count > 1000 ? Verdict.Undecided : Verdict.OursWorse, finding.Verdict));
    }

    /// <summary>x + x³ on the right of 0, and 0 on the left: the slopes at 0 are those of both sides, and curved on one.</summary>
    [Theory, InlineData(0), InlineData(0.5), InlineData(1)]
    public void ASideOfACurvedKinkIsRight(double slope)
        => Assert.All(
            GradientAudit.Check<double>(
                (x, y) => y[0] = Math.Max(0, x[0] + x[0] * x[0] * x[0]), (_, dy, dx) => dx[0] = slope * dy[0], 1, 1, [0.0]),
            finding => Assert.Contains("have a kink there", finding.Where, StringComparison.Ordinal));

    [Fact]
    public void WhatIsFoundIsCarriedByTheException()
    {
        var error = Assert.Throws<GradientAuditException>(() => GradientAudit.Check(Node.Of(new WrongRunningSum(), Node.Input("x", 5))));
        Assert.Equal(3, error.Findings.Count);
        Assert.EndsWith("Mend ours at that element, and check again. Of 3 checks: agrees 1, ours worse 2.", error.Message);
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
        ReadOnlySpan<double> x, ReadOnlySpan<double> w, ReadOnlySpan<double> b, ReadOnlySpan<double> dy, Span<double> dx, Span<double> dw, Span<double> db,
        int slip, double factor)
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
}
