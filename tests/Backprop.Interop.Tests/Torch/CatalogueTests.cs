using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;
using TorchSharp;
using static TorchSharp.torch;
using Real = Backprop.Interop.Tests.Torch.Scalar<double>;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Every row of the catalogues against libtorch: autograd differentiates our formula, and the function of that name agrees.</summary>
[Collection(TorchCollection.Name)]
public class CatalogueTests
{
    // Not 0: there each convention has a test of its own.
    private static readonly double[] Points = [-40, -7, -2.5, -1, -0.3, -1e-4, 1e-4, 0.2, 1, 3.7, 9, 40];

    public static TheoryData<string> Activations => [.. Activation.All.Select(a => a.Name)];

    public static TheoryData<string> Losses => [.. Formulas.Loss.All.Select(l => l.Name)];

    public static TheoryData<int> Optimizers => [.. Enumerable.Range(0, Optimizer.All.Count)];

    [Theory, MemberData(nameof(Activations))]
    public void ActivationsAreLibtorchs(string name)
    {
        var f = Activation.Parse(name);
        using var scope = NewDisposeScope();
        using var twin = Twins.Of(f);
        var named = Differentiate(x => twin.call(x), Points);
        var traced = Torched.Differentiate(f.Forward, Points);
        for (var i = 0; i < Points.Length; i++)
        {
            var y = f.Forward<Real>(new(Points[i]));
            var slope = f.Derivative(new(Points[i]), y).Value;
            AssertClose(named.Values[i], y.Value, $"{name}({Points[i]}), libtorch's function");
            AssertClose(named.Derivatives[i], slope, $"{name}′({Points[i]}), libtorch's function");
            AssertClose(traced.Derivatives[i], slope, $"{name}′({Points[i]}), autograd of our formula");
        }
    }

    [Theory, MemberData(nameof(Losses))]
    public void LossesAreLibtorchs(string name)
    {
        var loss = Formulas.Loss.All.Single(l => l.Name == name);
        foreach (var t in new[] { 0, 0.3, 1 })
        {
            using var scope = NewDisposeScope();
            var target = torch.full(Points.Length, t, dtype: ScalarType.Float64);
            var named = Differentiate(z => Twins.Of(loss, z, target), Points);
            var traced = Torched.Differentiate(z => loss.Value(z, t), Points);
            for (var i = 0; i < Points.Length; i++)
            {
                var (value, slope) = (loss.Value<Real>(new(Points[i]), t).Value, loss.Derivative<Real>(new(Points[i]), t).Value);
                AssertClose(named.Values[i], value, $"{name}({Points[i]}, {t}), libtorch's function");
                AssertClose(named.Derivatives[i], slope, $"{name}′({Points[i]}, {t}), libtorch's function");
                AssertClose(traced.Derivatives[i], slope, $"{name}′({Points[i]}, {t}), autograd of our formula");
            }
        }
    }

    [Theory, MemberData(nameof(Optimizers))]
    public void TenStepsOfEveryOptimizerAreLibtorchs(int index)
    {
        var optimizer = Optimizer.All[index];
        var mlp = Mlp.Parse("6-20-9-3", Activation.Of(new Formulas.Tanh()), Head.Multiclass);
        var table = RandomBatch.Of(mlp, 40, 3).To<double>();
        var (ours, theirs) = (Initializers.Default<double>(mlp, 1), Initializers.Default<double>(mlp, 1));
        using var step = new TrainingStep<double>(ours, optimizer, 20);
        using var torchMlp = new TorchMlp<double>(theirs, optimizer);
        for (var i = 0; i < 10; i++)
        {
            var rows = Enumerable.Range(i % 2 * 20, 20).ToArray();
            var (ourLoss, theirLoss) = (step.Run(table, rows), torchMlp.Step(table, rows));
            Assert.Equal(theirLoss, ourLoss, 1e-12);
        }

        step.CopyWeightsTo(ours);
        torchMlp.CopyTo(theirs);
        for (var i = 0; i < ours.Values.Length; i++)
        {
            // Relative to the distance travelled, which 10 steps keep below 1; Adam's √v enlarges last bits by up to 1000.
            Assert.True(Math.Abs(ours.Values[i] - theirs.Values[i]) <= 1e-12, $"{optimizer}, weight {i}: ours {ours.Values[i]:R}, libtorch's {theirs.Values[i]:R}");
        }
    }

    [Fact]
    public void AFormulaWithoutATwinAsksForItsLine()
    {
        var error = Assert.Throws<NotSupportedException>(() => Twins.Of(Activation.Of(new Cubed())));
        Assert.Equal("No PyTorch counterpart of Cubed is named. Add to Twins.cs: Cubed => nn.Cubed(),", error.Message);
    }

    private static (double[] Values, double[] Derivatives) Differentiate(Func<Tensor, Tensor> function, double[] points)
    {
        var x = torch.tensor(points, ScalarType.Float64, requires_grad: true);
        var y = function(x);
        y.sum().backward();
        return (y.data<double>().ToArray(), x.grad!.data<double>().ToArray());
    }

    // Either side rounds a handful of times on numbers up to the larger of 1 and the value: 16 ulp bound the sum.
    private static void AssertClose(double theirs, double ours, string where)
        => Assert.True(Math.Abs(theirs - ours) <= 16 * 2.2e-16 * Math.Max(1, Math.Abs(theirs)), $"{where}: ours {ours:R}, theirs {theirs:R}");

    private readonly record struct Cubed : IActivation
    {
        public TX Forward<TX>(TX x) where TX : IReal<TX> => x * x * x;

        public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 3 * x * x;
    }
}
