using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Tests.Models;

/// <summary>Integrated gradients: complete for every layer and head, within the bound that is stated.</summary>
public class IntegratedGradientsTests
{
    private const int Rows = 4;

    // Some hundred operations on values up to some ten.
    private const double Rounding = 1e-12;

    /// <summary>Those whose derivative along a path jumps.</summary>
    private static readonly string[] Kinked = ["prelu", "maxout", "piecewiseLinearEncoding", "encodedParts"];

    public static TheoryData<string> Heads => [.. Head.All.Select(head => head.ToString())];

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(8), InlineData(64), InlineData(101), InlineData(4096)]
    public void TheRuleIsExactForPolynomials(int points)
    {
        var rule = GaussLegendre.Of(points);
        Assert.Equal(rule.Points.Order(), rule.Points);
        Assert.Equal(points, rule.Points.Distinct().Count());
        Assert.All(rule.Weights, weight => Assert.True(weight > 0));
        // ∫₀¹ xᵏ dx = 1 / (k + 1). Errors of points and weights, a few 2⁻⁵³ each, count k times.
        for (var k = 0; k < Math.Min(2 * points, 200); k++)
        {
            var sum = rule.Points.Zip(rule.Weights, (x, w) => w * Math.Pow(x, k)).Sum();
            Assert.Equal(1.0 / (k + 1), sum, (k + 4) * 4 * Math.ScaleB(1, -52));
        }
    }

    [Theory, MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void ContributionsOfEveryLayerAddUp(string name) => AddUp(Networks.All[name], name, Kinked.Contains(name));

    [Theory, MemberData(nameof(Heads))]
    public void ContributionsOfEveryHeadAddUp(string head)
    {
        AddUp(Catalogue.Network("4-9-5", head, "tanh"), head, kinked: false);
        AddUp(Catalogue.Network("4-9-5", head, "relu"), head, kinked: true);
    }

    [Theory, InlineData(1), InlineData(5), InlineData(64), InlineData(1000)]
    public void OfOneReluLayerTheGapIsWithinItsVariationTimesTheWidestStep(int points)
    {
        const int units = 30;
        var model = Model.Of(Signal.Features(6).Linear(units).Apply(new Relu()).Linear(1), Head.Regression);
        var (network, features) = (ExplainedNetworks.Of(model), ExplainedNetworks.Features(model, 20));
        var (weights, widest) = (network.CopyWeights(), Widest(points));
        var (attributions, gaps) = (new double[features.Length], new double[20]);
        new InputGradients<double>(network).IntegratedGradients(features, [0], attributions, points: points, gaps: gaps);
        for (var row = 0; row < 20; row++)
        {
            // Along α x a unit's input is α (w · x) + b: where it changes sign, the output's slope jumps by v (w · x).
            var variation = 0.0;
            for (var unit = 0; unit < units; unit++)
            {
                var along = 0.0;
                for (var i = 0; i < 6; i++)
                {
                    along += weights["0.weight"][unit * 6 + i] * features[row * 6 + i];
                }

                var bias = weights["0.bias"][unit];
                variation += Math.Sign(bias) != Math.Sign(along + bias) ? Math.Abs(weights["2.weight"][unit] * along) : 0;
            }

            Assert.InRange(Math.Abs(gaps[row]), 0, variation * widest + Rounding);
        }
    }

    [Fact]
    public void OfAProductEachFactorTakesHalf()
    {
        var x = Signal.Features(2);
        var model = Model.Of((x.Columns(0, 1) * x.Columns(1, 1)).Linear(1), Head.Regression);
        var weights = new Weights<double>(model);
        weights.Values.Fill(1);
        var attributions = new double[4];
        var gradients = new InputGradients<double>(new(weights));
        gradients.IntegratedGradients([3, 4, -1, 0.5], [0], attributions);
        Near([6, 6, -0.25, -0.25]);
        // (x₀ − b₀)(x₁ + b₁) / 2, and the other way round.
        gradients.IntegratedGradients([3, 4, -1, 0.5], [0], attributions, [1, 2]);
        Near([6, 4, -2.5, 0]);

        void Near(double[] expected) => Assert.All(expected.Zip(attributions), pair => Assert.Equal(pair.First, pair.Second, 1e-14));
    }

    [Fact]
    public void InSinglePrecisionOnlyRoundingIsAdded()
    {
        var model = Networks.All["activations"];
        var network = new Network<float>(Initializers.Default<float>(model, 3));
        var features = Networks.Table(model, Rows).To<float>().Features;
        var (attributions, gaps) = (new float[features.Length], new double[Rows]);
        new InputGradients<float>(network).IntegratedGradients(features, [1], attributions, gaps: gaps);
        // Sums of up to 40 terms below 1 in three layers, each exact to 2⁻²⁴.
        Assert.All(gaps, gap => Assert.InRange(Math.Abs(gap), 0, 40 * 3 * Math.ScaleB(1, -24)));
    }

    private static void AddUp(Model model, string where, bool kinked)
    {
        var (network, features, inputs) = (ExplainedNetworks.Of(model), ExplainedNetworks.Features(model, Rows), model.Inputs);
        var baseline = Enumerable.Range(0, inputs).Select(i => 0.25 * i - 0.5).ToArray();
        foreach (var of in Enum.GetValues<ExplainedValue>())
        {
            var explained = new InputGradients<double>(network, of);
            var start = (double[])features.Clone();
            for (var i = 0; i < start.Length; i++)
            {
                start[i] = explained.CategoryColumns.Contains(i % inputs) ? features[i] : baseline[i % inputs];
            }

            var (above, below) = (ExplainedNetworks.Values(network, of, features), ExplainedNetworks.Values(network, of, start));
            for (var output = 0; output < model.Outputs; output++)
            {
                // Layer normalisation of nearly equal columns turns sharply: 64 points miss by 1e-4 there.
                foreach (var points in new[] { 20, 256 })
                {
                    var (attributions, gaps) = (new double[features.Length], new double[Rows]);
                    explained.IntegratedGradients(features, [output], attributions, baseline, points, gaps);
                    for (var row = 0; row < Rows; row++)
                    {
                        var place = row * model.Outputs + output;
                        var gap = attributions.AsSpan(row * inputs, inputs).ToArray().Sum() - (above[place] - below[place]);
                        Assert.Equal(gap, gaps[row], Rounding);
                        var bound = points < 256 || kinked ? Variation(explained, features, start, row, output) * Widest(points) : 1e-10;
                        Assert.True(Math.Abs(gap) <= bound + Rounding, $"{where}, {of} {output}, row {row}, {points} points: gap {gap:R}, bound {bound:R}");
                    }
                }
            }
        }
    }

    /// <summary>The total variation of the derivative along the path, from below: that between neighbours of many points.</summary>
    private static double Variation(InputGradients<double> explained, double[] features, double[] start, int row, int output)
    {
        const int samples = 2000;
        var inputs = explained.Network.Model.Inputs;
        var (path, gradients) = (new double[samples * inputs], new double[samples * inputs]);
        for (var i = 0; i < path.Length; i++)
        {
            var (from, to) = (start[row * inputs + i % inputs], features[row * inputs + i % inputs]);
            path[i] = from + i / inputs / (samples - 1.0) * (to - from);
        }

        explained.Gradients(path, [output], gradients);
        var slopes = gradients.Chunk(inputs)
            .Select(g => g.Select((slope, i) => slope * (features[row * inputs + i] - start[row * inputs + i])).Sum()).ToArray();
        return slopes.Zip(slopes.Skip(1), (a, b) => Math.Abs(b - a)).Sum();
    }

    /// <summary>The largest distance between neighbours of the rule's points, 0 and 1 among them.</summary>
    private static double Widest(int points)
    {
        double[] all = [0, .. GaussLegendre.Of(points).Points, 1];
        return all.Zip(all.Skip(1), (a, b) => b - a).Max();
    }
}
