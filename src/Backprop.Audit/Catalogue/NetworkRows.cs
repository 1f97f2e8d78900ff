using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Audit;

/// <summary>Heads with their options, and layers, each in a small network of its own, by <see cref="GradientAudit"/>.</summary>
internal static class NetworkRows
{
    private const int Rows = 24;
    private static readonly Signal X = Signal.Features(7);

    /// <summary>Heads as texts: the catalogue's, and options that change the loss.</summary>
    public static IEnumerable<string> Heads =>
    [
        .. Head.All.Select(head => $"{head}"),
        "binary(positive=2.5)", "binary(sum)",
        "multiclass(smoothing=0.1)", "multiclass(smoothing=1)", "multiclass(weights=1 0 2.5 4)", "multiclass(ignore=2)", "multiclass(ignore=-100,sum)",
        "multiclass(smoothing=0.3,weights=1 0.5 2.5 4,ignore=0)", "multiclass(probabilities)", "multiclass(smoothing=0.2,weights=1 0.5 2.5 4,probabilities)",
        "regression(absoluteerror)", "regression(huber(0.5))", "regression(smoothl1(2),sum)", "poisson(full)", "quantile(0.01,0.3,0.99,0.5)", "gaussian(sum)",
    ];

    /// <summary>A network for every kind of layer.</summary>
    public static IReadOnlyList<(string Layer, Model Network)> Layers { get; } =
    [
        (nameof(Linear), Model.Of(X.Through(new Linear(20) { Bias = false }).Linear(3), Head.Multiclass)),
        (nameof(Activate), Model.Of(X.Linear(20).Apply(new Tanh()).Linear(3), Head.Multiclass)),
        (nameof(PRelu), Model.Of(X.Linear(20).PRelu().Linear(5).Through(new PRelu { SlopePerColumn = true }).Linear(3), Head.Multiclass)),
        (nameof(Maxout), Model.Of(X.Maxout(19, 3).Linear(3), Head.Multiclass)),
        (nameof(RadialBasis), Model.Of(X.RadialBasis(20, 2.5).Linear(2), Head.Regression)),
        (nameof(Dropout), Model.Of(X.Dropout(0.2).Linear(20).Apply(new Tanh()).Dropout().Linear(3), Head.Multiclass)),
        (nameof(LayerNorm), Model.Of(X.Linear(20).LayerNorm().Linear(3), Head.Multiclass)),
        (nameof(BatchNorm), Model.Of(X.Linear(20).BatchNorm().Linear(3), Head.Multiclass)),
        (nameof(RobustScale), Model.Of(X.RobustScale(1.5).Linear(20).Apply(new Tanh()).Linear(3), Head.Multiclass)),
        (nameof(PiecewiseLinearEncoding), Model.Of(X.PiecewiseLinearEncoding(4).Linear(20).Apply(new Tanh()).Linear(3), Head.Multiclass)),
        (nameof(Scale), Model.Of(X.Scale().Linear(20).Apply(new Sigmoid()).Scale().Linear(3), Head.Multiclass)),
        (nameof(Embedding), Model.Of(Signal.Concatenate(X.Columns(0, 6), X.Columns(6, 1).Embedding(4, 5)).Linear(3), Head.Multiclass)),
        (nameof(Columns), Model.Of(X.Columns(2, 4).Linear(3), Head.Multiclass)),
        (nameof(Concatenation), Model.Of(Signal.Concatenate(X, X.Linear(20).Apply(new Tanh())).Linear(3), Head.Multiclass)),
        (nameof(Sum), Model.Of((X + X.Linear(7).Apply(new Tanh())).Linear(3), Head.Multiclass)),
        (nameof(MemberMean), Model.Of(X.SharedMembers(3, h => h.Linear(20).Apply(new Tanh()), 3), Head.Multiclass)),
        (nameof(Product), Model.Of((X.Linear(9).Apply(new Sigmoid()) * X.Linear(9)).Linear(1), Head.Regression)),
    ];

    /// <summary>A network with a head.</summary>
    public static Model Of(string head)
    {
        var task = Head.Parse(head);
        var outputs = task switch { QuantileHead quantiles => quantiles.Levels.Count, BinaryHead => 1, _ => 4 };
        return new Mlp([6, 20, outputs], Activation.Of(new Tanh()), task);
    }

    /// <summary>Audits a head, with and without example weights.</summary>
    public static IEnumerable<Finding> Run(string head)
    {
        var model = Of(head);
        var batch = RandomBatch.Of(model, Rows, 3);
        var weights = new float[Rows];
        new TorchRandom(5).FillUniform(weights, 0.5, 2);
        yield return Judge("head", head, "loss, logits and gradients", model, batch);
        yield return Judge("head", head, "loss, logits and gradients of weighted examples", model, new(Rows, batch.Features, batch.Targets, weights));
    }

    /// <summary>Audits a layer in training.</summary>
    public static IEnumerable<Finding> Run(string layer, Model network)
    {
        yield return Judge("layer", layer, "loss, logits and gradients", network, RandomBatch.Of(network, Rows, 3));
    }

    private static Finding Judge(string area, string subject, string check, Model model, Examples<float> batch)
    {
        var report = GradientAudit.Run(RandomWeights.Of(model, batch, 2), batch, new() { Threads = 1 });
        // The tensor with the worst verdict, of equals the one nearest its bound.
        var worst = report.Tensors.OrderByDescending(t => t.Verdict == Verdict.Agrees ? -1 : (int)t.Verdict).ThenByDescending(t => t.WorstShare).First();
        var finding = Finding.Of(worst, area, subject, check);
        return report.TorchMissing is { } missing ? finding with { Where = $"{finding.Where}; {missing}" } : finding;
    }
}
