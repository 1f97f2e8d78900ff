using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;
using static TorchSharp.torch;
using Loss = Backprop.Formulas.Loss;

namespace Backprop.Audit;

/// <summary>Layers at ties and kinks, on columns and rows without variance, and what running statistics gather.</summary>
internal static class LayerConventions
{
    // Both sides round.
    private const double Both = 2;

    private static readonly Head Outputs = Head.Regression with { OutputLoss = Loss.Of(new SquaredError()), StandardiseLabels = false };

    /// <summary>Every case, in double.</summary>
    public static IEnumerable<Convention> All =>
    [
        Gradients("prelu", "x = 0, slopes below", X(2).Linear(2).PRelu(), [1, 2], weights => weights["0.weight"].Clear()),
        Gradients("prelu", "x = -0", X(1).Linear(1).PRelu(), [-1], weights => weights["0.weight"].Clear()),
        Gradients("maxout", "two pieces equal", X(1).Maxout(1, 2), [1], weights => weights.Values.Fill(0.5)),
        Gradients("layernorm", "one column", X(1).LayerNorm(), [3]),
        Gradients("layernorm", "a constant row", X(3).LayerNorm(), [3, 3, 3]),
        Gradients("batchnorm", "a constant column", X(1).BatchNorm(), [3, 3, 3]),
        Gradients("embedding", "a category twice", X(1).Embedding(3, 2), [1, 1, 2]),
        Gradients("radialbasis", "at its centre", X(2).RadialBasis(1), [0.5, 0.5], weights => weights.Values.Fill(0.5)),
        Statistics("batchnorm", "running variance, unbiased, after one batch of 3", [1, 2, 6]),
        OneRow(),
        Dropped(0.5, training: true),
        Dropped(0.25, training: true),
        Dropped(0.5, training: false),
    ];

    private static double[] Bounds(double[] errors) => Array.ConvertAll(errors, error => Both * Bounded.Double * error);

    private static Signal X(int columns) => Signal.Features(columns);

    /// <summary>Logits and the gradients of every parameter, of rows of features with the targets 0.</summary>
    private static Convention Gradients(string subject, string at, Signal logits, double[] features, Action<Weights<double>>? set = null)
    {
        var model = Model.Of(logits, Outputs);
        var (weights, rows) = (Initializers.Default<double>(model, 1), features.Length / model.Inputs);
        set?.Invoke(weights);
        var table = new Examples<double>(rows, features, new double[rows * model.Targets]);
        int[] all = [.. Enumerable.Range(0, rows)];
        var (ours, theirs) = (new Weights<double>(model), new Weights<double>(model));
        var (z, torchZ) = (new double[rows * model.Outputs], new double[rows * model.Outputs]);
        using (var pass = new GradientPass<double>(model, rows, new() { Threads = 1 }))
        {
            pass.Run(weights, table, all, ours, z);
        }

        using var twin = new TorchModel<double>(weights);
        twin.Gradients(table, all, theirs, torchZ);
        string[] names = [.. z.Select(_ => "y"), .. ours.Tensors.SelectMany(t => Enumerable.Repeat($"∂{t.Name}", t.Length))];
        var errors = new NetworkBounds(weights, table, null).Tensors.ToDictionary(bound => bound.Name, bound => bound.Errors);
        var bounds = ours.Tensors.SelectMany(t => errors.GetValueOrDefault(t.Name) ?? new double[t.Length]);
        return Convention.Of(subject, at, names, [.. torchZ, .. theirs.Values], [.. z, .. ours.Values], Bounds([.. errors["logits"], .. bounds]));
    }

    /// <summary>How far a step of gradient descent may put weights off.</summary>
    private static IEnumerable<double> Moved(NetworkBounds bounds, WeightTensor tensor)
    {
        var gradient = bounds.Tensors.First(of => of.Name == tensor.Name);
        var rate = Bounded.Exact(new Sgd().LearningRate);
        return gradient.Values.Zip(gradient.Errors, (value, error) => (Bounded.Exact(1) - rate * new Bounded(value, error)).Error);
    }

    private static Convention Statistics(string subject, string at, double[] column)
    {
        var model = Model.Of(X(1).BatchNorm(), Outputs);
        var (weights, table) = (Initializers.Default<double>(model, 1), new Examples<double>(column.Length, column, new double[column.Length]));
        int[] all = [.. Enumerable.Range(0, column.Length)];
        using var step = new TrainingStep<double>(weights, new Sgd(), column.Length, new() { Threads = 1 });
        using var twin = new TorchModel<double>(weights, new Sgd());
        step.Run(table, all);
        twin.Step(table, all);
        var (ours, theirs) = (new Weights<double>(model), new Weights<double>(model));
        step.CopyWeightsTo(ours);
        twin.CopyTo(theirs);
        var bounds = new NetworkBounds(weights, table, null);
        // Learned weights move by a gradient descent on them.
        double[] errors = [.. ours.Tensors.SelectMany(t => t.Learned ? Moved(bounds, t) : bounds.After(t).Errors)];
        string[] names = [.. ours.Tensors.SelectMany(t => Enumerable.Repeat(t.Name, t.Length))];
        return Convention.Of(subject, at, names, theirs.Values.ToArray(), ours.Values.ToArray(), Bounds(errors));
    }

    /// <summary>A batch of one row has no variance: Python's PyTorch refuses it, TorchSharp makes the running variance NaN.</summary>
    private static Convention OneRow()
    {
        const string subject = "batchnorm", at = "a batch of one row, in training";
        var model = Model.Of(X(1).BatchNorm(), Outputs);
        var (weights, table) = (Initializers.Default<double>(model, 1), new Examples<double>(1, [2], [0]));
        using var twin = new TorchModel<double>(weights, new Sgd());
        twin.Step(table, [0]);
        var after = new Weights<double>(model);
        twin.CopyTo(after);
        var theirs = after["0.running_var"][0];
        Convention Found(double? ours)
            => new(subject, at, [new("running variance", theirs, ours, ours?.Equals(theirs) == true)], Deviations.Reason(subject, at));
        try
        {
            using var step = new TrainingStep<double>(weights, new Sgd(), 1, new() { Threads = 1 });
            step.Run(table, [0]);
            step.CopyWeightsTo(after);
            return Found(after["0.running_var"][0]);
        }
        catch (ArgumentException)
        {
            return Found(null);
        }
    }

    /// <summary>Which numbers of a row are kept, from the same seed, and by what they are multiplied.</summary>
    private static Convention Dropped(double probability, bool training)
    {
        const int count = 8;
        var model = Model.Of(X(count).Dropout(probability), Outputs);
        var (weights, ones) = (new Weights<double>(model), Enumerable.Repeat(1.0, count).ToArray());
        var z = new double[count];
        if (training)
        {
            // A parameter beside it, as a network without any has no gradient to compute.
            var scaled = Model.Of(X(count).Dropout(probability).Through(new Models.Layers.Scale()), Outputs);
            using var pass = new GradientPass<double>(scaled, 1, new() { Threads = 1 }, random: new TorchRandom(3));
            pass.Run(Initializers.Default<double>(scaled, 1), new(1, ones, new double[count]), [0], new(scaled), z);
        }
        else
        {
            new Network<double>(weights).Score(ones, z);
        }

        using var scope = NewDisposeScope();
        manual_seed(3);
        var theirs = Doubles.Of(nn.functional.dropout(tensor(ones), probability, training));
        // 1 / (1 − p), of an exact p.
        double[] bounds = [.. z.Select(y => Both * Bounded.Double * y)];
        var at = FormattableString.Invariant($"ones, p = {probability}, {(training ? "training" : "scoring")}");
        return Convention.Of("dropout", at, [.. z.Select(_ => "y")], theirs, z, bounds);
    }
}
