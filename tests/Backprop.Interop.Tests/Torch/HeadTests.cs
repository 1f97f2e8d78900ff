using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Every head's loss of a batch, and its gradient with respect to the logits, is PyTorch's: options, reductions, weights, edges.</summary>
[Collection(TorchCollection.Name)]
public sealed class HeadTests
{
    private const int Rows = 24;

    public static TheoryData<string> Heads =>
    [
        .. Head.All.Select(head => head.ToString()),
        "binary(positive=2.5)", "binary(sum)",
        "multiclass(smoothing=0.1)", "multiclass(smoothing=1)", "multiclass(weights=1 0 2.5 4)", "multiclass(ignore=2)", "multiclass(ignore=-100,sum)",
        "multiclass(smoothing=0.3,weights=1 0.5 2.5 4,ignore=0)", "multiclass(smoothing=0.3,weights=1 0.5 2.5 4,sum)",
        "multiclass(probabilities)", "multiclass(probabilities,sum)", "multiclass(smoothing=0.2,weights=1 0.5 2.5 4,probabilities)",
        "regression(absoluteerror)", "regression(huber(0.5))", "regression(smoothl1(2),sum)", "regression(softmargin)",
        "poisson(full)", "poisson(sum)", "quantile(0.01,0.3,0.99,0.5)", "quantile(0.7,sum)", "gaussian(sum)",
    ];

    [Theory]
    [MemberData(nameof(Heads))]
    public void ALossAndItsGradientAreItsTwins(string text)
    {
        var head = Head.Parse(text);
        var outputs = Outputs.Of(head, 4);
        var batch = RandomLabels(head, outputs);
        foreach (var size in new[] { 0.01, 3, 50 })
        {
            var logits = new double[Rows * outputs];
            new TorchRandom(7).FillUniform<double>(logits, -size, size);
            foreach (var weights in new[] { null, Weights() })
            {
                Compare(head, outputs, logits, batch, weights, text);
            }
        }
    }

    [Theory]
    [InlineData("binary"), InlineData("binary(positive=3)"), InlineData("multiclass"), InlineData("multiclass(smoothing=0.1,weights=1 2 3 4)")]
    [InlineData("multiclass(probabilities)"), InlineData("regression(huber(1))"), InlineData("quantile(0.2)")]
    public void LogitsOfTenThousandAreStable(string text)
    {
        var head = Head.Parse(text);
        var outputs = Outputs.Of(head, 4);
        var logits = new double[Rows * outputs];
        for (var i = 0; i < logits.Length; i++)
        {
            logits[i] = 1e4 * (i * 7 % 3 - 1);
        }

        Compare(head, outputs, logits, RandomLabels(head, outputs), null, text);
    }

    /// <summary>Log-variances below that of the floor, where the loss is no function of them but PyTorch's gradient passes.</summary>
    [Fact]
    public void AVarianceBelowTheFloorIsPyTorchs()
    {
        double[] logits = [.. Enumerable.Range(0, Rows).SelectMany(row => new[] { 1e-3 * row, -20 + 0.5 * row })];
        Compare(Head.Gaussian, 2, logits, [.. Enumerable.Range(0, Rows).Select(row => 0.01 * (row % 3))], null, "gaussian below its floor");
    }

    /// <summary>The gradient of a network whose row r has the feature r alone: weights are logits, and their gradients δ.</summary>
    private static void Compare(Head head, int outputs, double[] logits, double[] targets, double[]? weights, string where)
    {
        var model = new Mlp([Rows, outputs], Activation.Of(new Relu()), head);
        var (network, gradients, features) = (new Weights<double>(model), new Weights<double>(model), new double[Rows * Rows]);
        for (var row = 0; row < Rows; row++)
        {
            features[row * Rows + row] = 1;
            for (var output = 0; output < outputs; output++)
            {
                network["0.weight"][output * Rows + row] = logits[row * outputs + output];
            }
        }

        var examples = new Examples<double>(Rows, features, targets, weights);
        int[] rows = [.. Enumerable.Range(0, Rows)];
        using var pass = new GradientPass<double>(model, Rows);
        var ours = pass.Run(network, examples, rows, gradients, new double[logits.Length]);

        TorchLibrary.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var batch = new TorchBatch<double>(head, examples, rows);
        var z = tensor(logits).reshape(Rows, outputs).requires_grad_();
        var loss = Twins.Of(head, z, batch.Targets, batch.Weights);
        loss.backward();

        // A row's loss is a sum of as many terms as outputs, and the batch's of as many as rows, each exact to a few 1.1e-16.
        var theirs = loss.item<double>();
        var largest = Math.Max(1, logits.Max(Math.Abs));
        Assert.True(Math.Abs(theirs - ours) <= 6e-14 * Math.Max(largest, Math.Abs(theirs)), $"{where}: loss {ours:R}, torch's {theirs:R}");
        var slopes = z.grad!.data<double>().ToArray();
        for (var i = 0; i < slopes.Length; i++)
        {
            var our = gradients["0.weight"][i % outputs * Rows + i / outputs];
            Assert.True(Math.Abs(slopes[i] - our) <= 6e-14 * Math.Max(1, Math.Abs(slopes[i])), $"{where}, gradient ({i / outputs}, {i % outputs}): "
                + $"{our:R}, torch's {slopes[i]:R}");
        }
    }

    private static double[] RandomLabels(Head head, int outputs)
    {
        var random = new TorchRandom(3);
        var labels = new double[Rows * head.TargetColumns(outputs)];
        random.FillUniform<double>(labels, 0, 1);
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = head switch
            {
                MulticlassHead { ClassLabels: true } => i % outputs,
                PoissonHead => i % 6,
                _ => labels[i],
            };
        }

        return labels;
    }

    private static double[] Weights()
    {
        var weights = new double[Rows];
        new TorchRandom(5).FillUniform<double>(weights, 0.5, 2);
        return weights;
    }
}
