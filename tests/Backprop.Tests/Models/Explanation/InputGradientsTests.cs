using Backprop.Formulas;
using Backprop.Models;

namespace Backprop.Tests.Models;

/// <summary>Gradients with respect to features: exact for every layer and head, the same bits in any batch, on any thread and width.</summary>
public class InputGradientsTests
{
    private const int Rows = 5;
    private const double Step = 1e-5;

    // Differences err by h² f‴ / 6 + ε |f| / h: about 1e-10 for values near 1, here up to some ten.
    private const double Tolerance = 2e-8;

    public static TheoryData<string, ExplainedValue> NetworksAndValues
    {
        get
        {
            var data = new TheoryData<string, ExplainedValue>();
            foreach (var name in Networks.All.Keys)
            {
                data.Add(name, ExplainedValue.Logit);
                data.Add(name, ExplainedValue.Score);
            }

            return data;
        }
    }

    public static TheoryData<string> Heads => [.. Head.All.Select(head => head.ToString())];

    [Theory, MemberData(nameof(NetworksAndValues))]
    public void GradientsOfEveryLayerAreDifferences(string name, ExplainedValue of) => AreDifferences(Networks.All[name], of, name);

    [Theory, MemberData(nameof(Heads))]
    public void GradientsOfEveryHeadAreDifferences(string head)
    {
        var model = Catalogue.Network("4-9-5", head, "tanh");
        AreDifferences(model, ExplainedValue.Logit, head);
        AreDifferences(model, ExplainedValue.Score, head);
    }

    [Fact]
    public void AColumnOfCategoriesHasNoGradientThroughTheLookup()
    {
        var network = ExplainedNetworks.Of(Networks.All["embedding"]);
        var gradients = new InputGradients<double>(network);
        Assert.Equal([5, 6], gradients.CategoryColumns);
        Assert.Empty(new InputGradients<double>(ExplainedNetworks.Of(Networks.All["linear"])).CategoryColumns);

        var x = Signal.Features(2);
        var both = Model.Of(x.Columns(1, 1).Embedding(4, 3).Linear(1) + x.Columns(1, 1).Linear(1), Head.Regression);
        var weights = Initializers.Default<double>(both, 1);
        var result = new double[2];
        new InputGradients<double>(new(weights)).Gradients([0.5, 2], [0], result);
        // The linear layer reads the number too.
        var own = weights.Tensors.Single(tensor => tensor is { Rows: 1, Columns: 1, IsVector: false });
        Assert.Equal([0, weights[own][0]], result);
    }

    [Theory, MemberData(nameof(Networks.Names), MemberType = typeof(Networks))]
    public void ARowsBitsDoNotDependOnItsBatchThreadOrWidth(string name)
    {
        const int rows = 150;
        var model = Networks.All[name];
        var weights = Initializers.Default<float>(model, 3);
        var features = Networks.Table(model, rows).To<float>().Features;
        int[] explained = [.. Enumerable.Range(0, rows).Select(row => row % model.Outputs)];
        var network = new Network<float>(weights);
        var gradients = new InputGradients<float>(network);
        var (together, alone) = (new float[features.Length], new float[features.Length]);
        gradients.Gradients(features, explained, together);
        Parallel.For(0, rows, row => gradients.Gradients(features.AsSpan(row * 7, 7), [explained[row]], alone.AsSpan(row * 7, 7)));
        SameBits.Assert<float>(together, alone, name);

        var (pathTogether, pathAlone) = (new float[20 * 7], new float[20 * 7]);
        gradients.IntegratedGradients(features.AsSpan(0, 20 * 7), explained.AsSpan(0, 20), pathTogether, points: 70);
        Parallel.For(0, 20, row => gradients.IntegratedGradients(features.AsSpan(row * 7, 7), [explained[row]], pathAlone.AsSpan(row * 7, 7), points: 70));
        SameBits.Assert<float>(pathTogether, pathAlone, name);
        foreach (var bits in Catalogue.Widths)
        {
            var other = new InputGradients<float>(new Network<float>(weights, vectorBits: bits));
            other.Gradients(features, explained, alone);
            SameBits.Assert<float>(together, alone, $"{name}, {bits} bits");
        }
    }

    [Theory, InlineData(2), InlineData(5), InlineData(0)]
    public void ARowsBitsDoNotDependOnTheNumberOfThreads(int threads)
    {
        const int rows = 300;
        var mlp = Mlp.Parse("64-256-256-3", Activation.Parse("silu"), Head.Multiclass);
        var (network, table) = (new Network<float>(Initializers.Default<float>(mlp, 3)), Catalogue.Table(mlp, rows));
        int[] explained = [.. Enumerable.Range(0, rows).Select(row => row % 3)];
        Assert.True(network.ThreadsFor(rows, 2) == 2, "The work is too little for two threads.");
        var gradients = new InputGradients<float>(network);
        var (expected, actual) = (new float[rows * 64], new float[rows * 64]);
        gradients.Gradients(table.Features, explained, expected, threads: 1);
        gradients.Gradients(table.Features, explained, actual, threads);
        SameBits.Assert<float>(expected, actual, $"{threads} threads");

        var (expectedGaps, gaps, baseline) = (new double[rows], new double[rows], table.Features[..64]);
        gradients.IntegratedGradients(table.Features, explained, expected, baseline, 16, expectedGaps, threads: 1);
        gradients.IntegratedGradients(table.Features, explained, actual, baseline, 16, gaps, threads);
        SameBits.Assert<float>(expected, actual, $"a path on {threads} threads");
        SameBits.Assert<double>(expectedGaps, gaps, $"gaps on {threads} threads");
    }

    [Fact]
    public void AWrongCategoryIsRefusedInTheSameWordsOnAnyThread()
    {
        var x = Signal.Features(2);
        var model = Model.Of(Signal.Concatenate(x.Columns(0, 1), x.Columns(1, 1).Embedding(3, 4)).Linear(400).Linear(400).Linear(1), Head.Regression);
        var gradients = new InputGradients<float>(new(Initializers.Default<float>(model, 1)));
        var features = new float[600];
        features[^1] = 3;
        foreach (var threads in new[] { 1, 2 })
        {
            var error = Assert.Throws<ArgumentException>(() => gradients.Gradients(features, [0], new float[600], threads));
            Assert.Contains("has category 3 in column 1 of input, but 2.weight has categories 0 to 2", error.Message);
        }
    }

    [Fact]
    public void OfALinearNetworkTheyAreTheWeightsInTheLabelsUnits()
    {
        var model = Model.Of(Signal.Features(3).Linear(2), Head.Regression);
        var weights = Initializers.Default<double>(model, 1);
        var gradients = new InputGradients<double>(new(weights, [4, 0.5], [100, 200]));
        var (result, contributions) = (new double[6], new double[6]);
        double[] features = [1, 2, 3, -1, 0.5, 2];
        gradients.Gradients(features, [1, 0], result);
        gradients.GradientsTimesInputs(features, [1, 0], contributions);
        var w = weights["0.weight"];
        Assert.Equal([w[3] / 2, w[4] / 2, w[5] / 2, w[0] * 4, w[1] * 4, w[2] * 4], result);
        Assert.Equal(result.Zip(features, (g, x) => g * x), contributions);
    }

    [Fact]
    public void ExplainingAgainAllocatesNothing()
    {
        var gradients = new InputGradients<float>(new(Initializers.Default<float>(Catalogue.Network("4-9-5", "multiclass", "silu"), 3)));
        var (features, results) = (new float[4 * 70], new float[4 * 70]);
        void Explain()
        {
            gradients.Gradients(features, [1], results);
            gradients.GradientsTimesInputs(features, [1], results);
            gradients.IntegratedGradients(features.AsSpan(0, 8), [1], results.AsSpan(0, 8));
        }

        Explain();
        Assert.Equal(0, Allocations.Of(Explain));
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        var gradients = new InputGradients<float>(new(Initializers.Default<float>(Catalogue.Network("4-9", "multiclass", "relu"), 3)));
        var (row, result) = (new float[4], new float[4]);
        Refused("3 features, 1 outputs and 4 results do not make whole rows of 4 features.", () => gradients.Gradients(row.AsSpan(1), [0], result));
        Refused("4 features, 1 outputs and 8 results", () => gradients.GradientsTimesInputs(row, [0], new float[8]));
        Refused("4 features, 2 outputs and 4 results", () => gradients.IntegratedGradients(row, [0, 1], result));
        Refused("has no output 3. Choose one from 0 to 2.", () => gradients.Gradients(row, [3], result));
        Refused("has no output -1. Choose one from 0 to 2.", () => gradients.IntegratedGradients(row, [-1], result));
        Refused("The baseline has 3 numbers", () => gradients.IntegratedGradients(row, [0], result, new float[3]));
        Refused("The baseline is NaN in column 1, not a finite number.", () => gradients.IntegratedGradients(row, [0], result, [0, float.NaN, 0, 0]));
        Refused("A path of 0 points cannot be integrated along. Give from 1 to 4096.", () => gradients.IntegratedGradients(row, [0], result, points: 0));
        Refused("A path of 4097 points", () => gradients.IntegratedGradients(row, [0], result, points: 4097));
        Refused("-1 threads cannot work on rows.", () => gradients.Gradients(row, [0], result, threads: -1));
        Refused("-1 threads cannot work on rows.", () => gradients.IntegratedGradients(row, [0], result, threads: -1));
        Refused("2 gaps do not fit 1 rows.", () => gradients.IntegratedGradients(row, [0], result, gaps: new double[2]));

        static void Refused(string message, Action action) => Assert.Contains(message, Assert.Throws<ArgumentException>(action).Message);
    }

    private static void AreDifferences(Model model, ExplainedValue of, string where)
    {
        var network = ExplainedNetworks.Of(model);
        var gradients = new InputGradients<double>(network, of);
        var (features, inputs, outputs) = (ExplainedNetworks.Features(model, Rows), model.Inputs, model.Outputs);
        for (var output = 0; output < outputs; output++)
        {
            var actual = new double[features.Length];
            gradients.Gradients(features, [output], actual);
            for (var input = 0; input < inputs; input++)
            {
                var isCategory = gradients.CategoryColumns.Contains(input);
                var (above, below) = isCategory ? (new double[Rows * outputs], new double[Rows * outputs]) : (Moved(input, Step), Moved(input, -Step));
                for (var row = 0; row < Rows; row++)
                {
                    var (expected, gradient) = ((above[row * outputs + output] - below[row * outputs + output]) / (2 * Step), actual[row * inputs + input]);
                    Assert.True(
                        Math.Abs(expected - gradient) <= (isCategory ? 0 : Tolerance * Math.Max(1, Math.Abs(expected))),
                        $"{where}, {of} {output}, row {row}, feature {input}: differences {expected:R}, gradient {gradient:R}");
                }
            }
        }

        double[] Moved(int input, double step)
        {
            var moved = (double[])features.Clone();
            for (var row = 0; row < Rows; row++)
            {
                moved[row * inputs + input] += step;
            }

            return ExplainedNetworks.Values(network, of, moved);
        }
    }
}
