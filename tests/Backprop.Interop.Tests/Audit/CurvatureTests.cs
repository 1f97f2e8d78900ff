using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Interop.Tests.Torch;
using Backprop.Models;

namespace Backprop.Interop.Tests.Audit;

/// <summary>The audit of second derivatives sees a wrong rule of the second derivative, and a gradient that is none.</summary>
[Collection(TorchCollection.Name)]
public sealed class CurvatureTests
{
    [Theory, InlineData(1), InlineData(1.000001)]
    public void AWrongRuleOfTheSecondDerivativeIsFound(double factor)
    {
        var (x, w) = (Node.Input("x", 3), Node.Parameter("w", 3, 2));
        double[] features = [0.5, -1, 2, 0.25, 1.5, -0.75], weights = [0.3, -0.2, 0.7, 1.1, -0.4, 0.9];
        using var curvature = new Curvature(
            Node.Of(new Cube(factor), x.Times(w)).Sum(), [w], leaf => leaf == x ? features : weights, 2, [[1, -1, 1, 1, -1, 1]], (_, i) => $"w {i}");
        var findings = curvature.Judge("second derivative", "cube", null, null).ToList();
        Assert.Equal(3, findings.Count);
        // Plain loops follow the same rule, and the gradient is right.
        Assert.Equal(
            factor == 1 ? [] : ["Hessian times vector in double, and differences of the gradient"],
            findings.Where(finding => finding.Verdict != Verdict.Agrees).Select(finding => finding.Check));
        Assert.All(findings.Where(finding => finding.Verdict != Verdict.Agrees), finding => Assert.Equal(Verdict.OursWorse, finding.Verdict));
    }

    [Fact]
    public void AGradientThatIsNoneIsFound()
    {
        var findings = CurvatureRows.Run("steep", new Mlp([5, 8, 3], Activation.Of(new Steep()), Head.Multiclass));
        Assert.Contains(findings, finding => finding is { Check: "gradient in double, and differences of the scalar", Verdict: Verdict.OursWorse });
    }

    /// <summary>x³, whose derivative's derivative may be off by a factor.</summary>
    private sealed class Cube(double factor) : CustomOp
    {
        public override bool ByRow => true;

        public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

        public override Node Bprop(Node node, int input, Node gradient) => gradient * Node.Of(new Slope(factor), node.Inputs[0]);

        public override void Run<T>(Operands<T> inputs, Matrix<T> result)
        {
            for (var i = 0; i < result.Rows * result.Columns; i++)
            {
                var x = inputs[0][i / result.Columns, i % result.Columns];
                result[i / result.Columns, i % result.Columns] = x * x * x;
            }
        }

        /// <summary>3 x².</summary>
        private sealed class Slope(double factor) : CustomOp
        {
            public override bool ByRow => true;

            public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

            public override Node Bprop(Node node, int input, Node gradient) => gradient * node.Inputs[0] * (6 * factor);

            public override void Run<T>(Operands<T> inputs, Matrix<T> result)
            {
                for (var i = 0; i < result.Rows * result.Columns; i++)
                {
                    var x = inputs[0][i / result.Columns, i % result.Columns];
                    result[i / result.Columns, i % result.Columns] = T.CreateTruncating(3) * x * x;
                }
            }
        }
    }
}
