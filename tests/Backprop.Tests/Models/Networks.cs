using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Tests.Models;

/// <summary>Networks of every kind of layer: theories run over them.</summary>
public static class Networks
{
    private static readonly Signal X = Signal.Features(7);

    public static IReadOnlyDictionary<string, Model> All { get; } = new Dictionary<string, Model>
    {
        ["linear"] = Model.Of(X.Through(new Linear(40) { Bias = false }).Apply(new Tanh()).Linear(3), Head.Multiclass),
        ["activations"] = Model.Of(X.Linear(40).Apply(new Tanh()).Linear(35).Apply(new Silu()).Linear(2), Head.Regression),
        ["prelu"] = Model.Of(X.Linear(40).PRelu().Linear(5).Through(new PRelu { SlopePerColumn = true }).Linear(3), Head.Multiclass),
        ["maxout"] = Model.Of(X.Maxout(19, 3).Maxout(6, 2).Linear(3), Head.Multiclass),
        ["radialBasis"] = Model.Of(X.RadialBasis(40, 2.5).Linear(2), Head.Regression),
        ["layerNorm"] = Model.Of(X.LayerNorm().Linear(40).LayerNorm().Apply(new Tanh()).Linear(3), Head.Multiclass),
        ["batchNorm"] = Model.Of(X.BatchNorm().Linear(40).BatchNorm().Apply(new Tanh()).Linear(3), Head.Multiclass),
        ["cumulative"] = Model.Of(X.Linear(5).Through(new BatchNorm { Momentum = null, Epsilon = 1e-3 }).Linear(1), Head.Binary),
        ["dropout"] = Model.Of(X.Dropout(0.2).Linear(40).Apply(new Tanh()).Dropout().Linear(3), Head.Multiclass),
        ["scale"] = Model.Of(X.Scale().Linear(40).Apply(new Sigmoid()).Scale().Linear(1), Head.Binary),
        ["embedding"] = Model.Of(Signal.Concatenate(X.Columns(0, 5), X.Columns(6, 1).Embedding(4, 3), X.Columns(5, 1).Embedding(4, 33)).Linear(9).Apply(new Tanh()).Linear(3), Head.Multiclass),
        ["robustScale"] = Model.Of(X.Through(new RobustScale(2.5) { Indicators = [1, 2, 4] }).Linear(40).Apply(new Tanh()).Linear(3), Head.Multiclass),
        ["piecewiseLinearEncoding"] = Model.Of(X.Through(new PiecewiseLinearEncoding(40) { Counts = [1, 17, 1, 1, 40, 3, 2], Indicators = [1, 2, 4] }).Linear(40).Apply(new Tanh()).Linear(3), Head.Multiclass),
        ["encodedParts"] = Model.Of(Signal.Concatenate(X.RobustScale().Scale(), X.Columns(1, 3).PiecewiseLinearEncoding(6, "bins")).Linear(9).Apply(new Tanh()).Linear(2), Head.Regression),
        ["fittedParts"] = Model.Of(Signal.Concatenate(X.Columns(0, 5).RobustScale(name: "numbers"), X.Columns(5, 1).Embedding(4, 3)).Linear(9).Apply(new Tanh()).Linear(2), Head.Regression),
        ["residual"] = Model.Of(Residual(Residual(X.Linear(40))).Linear(3), Head.Multiclass),
        ["gated"] = Model.Of((X.Linear(9).Apply(new Sigmoid()) * X.Linear(9)).Linear(1), Head.Regression),
        ["shared"] = Model.Of(Shared(), Head.Regression),
        ["sharedMembers"] = Model.Of(
            X.SharedMembers(3, h => h.Linear(20).BatchNorm().Apply(new Tanh()).Dropout(0.2).Linear(9).Apply(new Tanh()), 3), Head.Multiclass),
        ["heads"] = Model.Of(Heads()),
        ["memberHeads"] = Model.Of(MemberHeads()),
        ["members"] = Ensemble.Of([.. Enumerable.Repeat(Model.Of(X.BatchNorm().Linear(9).Apply(new Tanh()).Dropout(0.2).Linear(3), Head.Multiclass), 3)]),
    };

    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>Features with whole numbers from 0 to 3 in the last two columns, where embeddings look; targets that depend on some of them.</summary>
    public static Examples<double> Table(Model model, int rows)
    {
        var random = new TorchRandom(5);
        var features = new double[rows * model.Inputs];
        random.FillUniform<double>(features, -2, 2);
        for (var row = 0; row < rows; row++)
        {
            (features[row * 7 + 5], features[row * 7 + 6]) = (random.NextUInt32() % 4, random.NextUInt32() % 4);
        }

        var targets = new List<double>();
        for (var row = 0; row < rows; row++)
        {
            foreach (var (logits, head, _) in model.HeadOutputs)
            {
                for (var i = 0; i < head.TargetColumns(logits.Width); i++)
                {
                    var x = features.AsSpan(row * 7, 7);
                    targets.Add(
                        head == Head.Regression ? Math.Tanh(x[i] - x[4]) : head == Head.Binary ? x[0] + x[1] > 0 ? 1 : 0 : (x[2] > 0 ? 1 : 0) + (int)x[5] / 2);
                }
            }
        }

        var weights = new double[rows];
        random.FillUniform<double>(weights, 0.5, 1.5);
        return new(rows, features, [.. targets], weights);
    }

    private static Signal Residual(Signal h) => h + h.Linear(40).Apply(new Tanh()).Linear(h.Width);

    private static Signal Shared()
    {
        var phi = new Linear(7) { Name = "phi" };
        var h = X.Through(phi).Apply(new Tanh());
        return (X + h).Through(phi).Apply(new Tanh()).Linear(2);
    }

    private static Output[] Heads()
    {
        var h = X.Linear(40).Apply(new Tanh());
        return [new(h.Linear(3), Head.Multiclass), new(h.Linear(2), Head.Regression, 0.25), new((h + h).Linear(1), Head.Binary, 2)];
    }

    private static Output[] MemberHeads()
    {
        var h = X.Linear(20).Apply(new Tanh());
        return
        [
            new(X.SharedMembers(2, Residual, 3), Head.Multiclass, 2),
            new(h.SharedMembers(3, part => part.Linear(5).Apply(new Silu()), 2, "real"), Head.Regression, 0.5),
        ];
    }
}
