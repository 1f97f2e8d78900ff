using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;

namespace Backprop.Audit;

/// <summary>Every activation and loss once more, as its paper or PyTorch's manual defines it: a mistyped formula is not mistyped here.</summary>
internal static class Definitions
{
    // Definitions cancel where formulas do not: of numbers of moderate size, a few hundred roundings.
    private const double Bound = 1e-12;

    // Of layers and heads: few rows, and numbers as large as activations get.
    private const int Rows = 5, Seed = 1;
    private const double Widest = 8;

    private static readonly double[] Points = [.. Enumerable.Range(0, 41).Select(i => -8.0 + 0.4 * i + 0.01)];

    /// <summary>Why the formulas of a network cannot be relied on; null where they can.</summary>
    public static FormulaDoubt? Contradiction(Model model)
    {
        FormulaDoubt[] doubts =
        [
            .. model.Signals.Select(signal => (signal.Layer as Activate)?.Function).OfType<Activation>().Distinct().Select(Doubt).OfType<FormulaDoubt>(),
            .. model.HeadOutputs.Select(output => output.Head.OutputLoss).OfType<Loss>().Distinct().Select(Doubt).OfType<FormulaDoubt>(),
            .. model.Signals.Where(signal => signal.Layer is not null and not Activate).DistinctBy(signal => signal.Layer).Select(Doubt).OfType<FormulaDoubt>(),
            .. model.HeadOutputs.Select(Doubt).OfType<FormulaDoubt>(),
        ];
        return Array.Find(doubts, doubt => doubt.IsKnown) ?? doubts.FirstOrDefault();
    }

    private static FormulaDoubt? Doubt(Activation activation)
    {
        if (Of(activation) is not { } definition)
        {
            return FormulaDoubt.NoSecondText(activation);
        }

        var x = Array.Find(Points, x => !IsSame(activation.Forward(new Plain(x)).Value, definition(x), Math.Abs(x)));
        return x == 0 ? null : new(true,
            FormattableString.Invariant($"{activation}({x:R}) is {definition(x):R}, but ours is {activation.Forward(new Plain(x)).Value:R}."));
    }

    private static FormulaDoubt? Doubt(Loss loss)
    {
        if (Of(loss) is not { } definition)
        {
            return FormulaDoubt.NoSecondText(loss);
        }

        foreach (var (z, t) in Points.SelectMany(z => new[] { (z, 0.0), (z, 1.0) }))
        {
            var (value, defined) = (loss.Value(new Plain(z), new Plain(t)).Value, definition(z, t));
            if (!IsSame(value, defined, Math.Abs(defined)))
            {
                return new(true, FormattableString.Invariant($"{loss} of {z:R} and {t} is {defined:R}, but ours is {value:R}."));
            }
        }

        return null;
    }

    /// <summary>The layer alone, on numbers at random.</summary>
    private static FormulaDoubt? Doubt(Signal signal)
    {
        var (layer, features, first) = (signal.Layer!, Signal.Features(signal.Inputs.Sum(input => input.Width)), 0);
        Signal[] inputs = [.. signal.Inputs.Select(input => features.Columns((first += input.Width) - input.Width, input.Width))];
        // Columns behind it, as a mean of members before a head is none in training.
        var model = Model.Of(Signal.Of(layer, inputs).Columns(0, signal.Width), Head.Regression);
        var (weights, batch) = (new Weights<double>(model), RandomBatch.Of(model, Rows, Seed).To<double>());
        new TorchRandom(Seed).FillUniform(weights.Values, -1, 1);
        var x = batch.Features.Chunk(features.Width).ToArray();
        double[][] tensors = [.. weights.Tensors.Select(tensor => weights[tensor].ToArray())];
        var expected = LayerDefinitions.Of(
            layer,
            [
                .. inputs.Select(input => (Columns)input.Layer!)
                    .Select(columns => x.Select(row => row[columns.First..(columns.First + columns.Count)]).ToArray()),
            ],
            tensors,
            (count, probability) =>
            {
                var mask = new double[count];
                new TorchRandom(Seed).FillDropoutMask<double>(mask, probability);
                return mask;
            });
        if (expected is null)
        {
            return FormulaDoubt.NoSecondText(layer);
        }

        var bounds = new NetworkBounds(weights, batch, new(Seed));
        return Doubt($"{layer}", bounds.Tensors[1], [.. expected.SelectMany(row => row)])
            ?? Doubt(
                $"the statistics of {layer}",
                weights.Tensors.Where(tensor => !tensor.Learned).Select(tensor => bounds.After(tensor)).Aggregate(
                    new BoundedTensor("", 1, 0, [], [], []),
                    (all, one) => all with { Values = [.. all.Values, .. one.Values], Errors = [.. all.Errors, .. one.Errors] }),
                [.. LayerDefinitions.Gathered(layer, x, tensors)]);
    }

    /// <summary>The head alone, on numbers at random for logits: of members, of each its own, and their losses' mean.</summary>
    private static FormulaDoubt? Doubt(Output output)
    {
        var (head, width, members) = (output.Head, output.Logits.Width, output.Trained.Count);
        var features = Signal.Features(width * members);
        Signal[] trained = [.. Enumerable.Range(0, members).Select(member => features.Columns(member * width, width))];
        var model = Model.Of(output with { Logits = output.Logits.Layer is MemberMean mean ? Signal.Of(mean, trained) : features });
        var batch = RandomBatch.Of(model, Rows, Seed).To<double>();
        for (var i = 0; i < batch.Features.Length; i++)
        {
            batch.Features[i] *= Widest;
        }

        if (head is MulticlassHead { ClassLabels: true, IgnoreIndex: { } ignored })
        {
            batch.Targets[0] = ignored;
        }

        var (rows, targets) = (batch.Features.Chunk(features.Width), batch.Targets.Chunk(model.Targets).ToArray());
        var losses = Enumerable.Range(0, members)
            .Select(member => HeadDefinitions.Of(head, [.. rows.Select(row => row[(member * width)..((member + 1) * width)])], targets));
        return losses.Average() is { } expected
            ? Doubt($"the loss of {head}", new NetworkBounds(new(model), batch).Tensors[0], [output.LossWeight * expected])
            : FormulaDoubt.NoSecondText(head);
    }

    private static FormulaDoubt? Doubt(string what, BoundedTensor ours, double[] expected)
    {
        var at = Array.FindIndex(Enumerable.Range(0, expected.Length).ToArray(),
            i => !IsSame(ours.Values[i], expected[i], Math.Abs(expected[i]) + Hearing.BothRound / Bound * ours.Errors[i]));
        return at < 0 ? null : new(true, FormattableString.Invariant($"Of {what}, number {at} is {expected[at]:R}, but ours is {ours.Values[at]:R}."));
    }

    private static bool IsSame(double ours, double defined, double size) => Math.Abs(ours - defined) <= Bound * (1 + size);

    /// <summary>An activation's definition; null where it is not one of the catalogue's.</summary>
    public static Func<double, double>? Of(Activation activation)
    {
        double P(int i) => activation.Parameters[i];
        return activation.Family switch
        {
            "identity" => x => x,
            "relu" => x => Math.Max(0, x),
            "leakyrelu" => x => Math.Max(0, x) + P(0) * Math.Min(0, x),
            "absolute" => Math.Abs,
            "relu6" => x => Math.Min(Math.Max(0, x), 6),
            "hardtanh" => x => Math.Min(Math.Max(P(0), x), P(1)),
            "hardsigmoid" => x => Math.Min(Math.Max(0, x + 3), 6) / 6,
            "sigmoid" => Logistic,
            "tanh" => Math.Tanh,
            "softsign" => x => x / (1 + Math.Abs(x)),
            "smoothclip" => x => x / Math.Sqrt(1 + Math.Pow(x / P(0), 2)),
            "logsigmoid" => x => Math.Log(Logistic(x)),
            "softplus" => x => P(0) * x > P(1) ? x : Math.Log(1 + Math.Exp(P(0) * x)) / P(0),
            "silu" => x => x * Logistic(x),
            "gelu" => x => x / 2 * (1 + PlainFunctions.Erf(x / Math.Sqrt(2))),
            "gelutanh" => x => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))),
            "mish" => x => x * Math.Tanh(Math.Log(1 + Math.Exp(x))),
            "hardswish" => x => x * Math.Min(Math.Max(0, x + 3), 6) / 6,
            "elu" => x => x > 0 ? x : P(0) * (Math.Exp(x) - 1),
            "selu" => x => 1.0507009873554804934193349852946 * (x > 0 ? x : 1.6732632423543772848170429916717 * (Math.Exp(x) - 1)),
            "celu" => x => Math.Max(0, x) + Math.Min(0, P(0) * (Math.Exp(x / P(0)) - 1)),
            "softshrink" => x => x > P(0) ? x - P(0) : x < -P(0) ? x + P(0) : 0,
            "tanhshrink" => x => x - Math.Tanh(x),
            "sine" => Math.Sin,
            "cosine" => Math.Cos,
            _ => null,
        };
    }

    /// <summary>A loss's definition, of a logit and its target; null where it is not one of the catalogue's.</summary>
    public static Func<double, double, double>? Of(Loss loss)
    {
        var (name, text) = Catalogue.Split(loss.Name);
        var p = double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
        return name switch
        {
            "squarederror" => (z, t) => Math.Pow(z - t, 2),
            "absoluteerror" => (z, t) => Math.Abs(z - t),
            "smoothl1" => (z, t) => Math.Abs(z - t) < p ? Math.Pow(z - t, 2) / (2 * p) : Math.Abs(z - t) - p / 2,
            "huber" => (z, t) => Math.Abs(z - t) <= p ? Math.Pow(z - t, 2) / 2 : p * (Math.Abs(z - t) - p / 2),
            "pinball" => (z, t) => Math.Max(p * (t - z), (p - 1) * (t - z)),
            "poisson" => (z, t) => Math.Exp(z) - t * z + (text == "full" && t > 1 ? t * Math.Log(t) - t + Math.Log(2 * Math.PI * t) / 2 : 0),
            "binarycrossentropy" => (z, t) => -t * Math.Log(Logistic(z)) - (1 - t) * Math.Log(Logistic(-z)),
            "weightedbinarycrossentropy" => (z, t) => -p * t * Math.Log(Logistic(z)) - (1 - t) * Math.Log(Logistic(-z)),
            "softmargin" => (z, t) => Math.Log(1 + Math.Exp(-t * z)),
            _ => null,
        };
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));
}

/// <summary>A formula that cannot be relied on.</summary>
/// <param name="IsKnown">Whether its second text contradicts it; else there is none.</param>
/// <param name="Words">Which, and where.</param>
internal sealed record FormulaDoubt(bool IsKnown, string Words)
{
    /// <summary>Of a formula that nobody has written twice.</summary>
    public static FormulaDoubt NoSecondText(object formula) => new(false, $"There is no second text of {formula} to decide.");
}
