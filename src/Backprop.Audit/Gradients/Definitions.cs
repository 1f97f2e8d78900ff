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

    private static readonly double[] Points = [.. Enumerable.Range(0, 41).Select(i => -8.0 + 0.4 * i + 0.01)];

    /// <summary>Why the formulas of a network cannot be relied on; null where they can.</summary>
    public static FormulaDoubt? Contradiction(Model model)
    {
        foreach (var activation in model.Signals.Select(signal => signal.Layer).OfType<Activate>().Select(layer => layer.Function).Distinct())
        {
            if (Of(activation) is not { } definition)
            {
                return new(false, $"There is no second text of {activation} to decide.");
            }

            foreach (var x in Points)
            {
                if (!(Math.Abs(activation.Forward(new Plain(x)).Value - definition(x)) <= Bound * (1 + Math.Abs(x))))
                {
                    return new(true,
                        FormattableString.Invariant($"{activation}({x:R}) is {definition(x):R}, but ours is {activation.Forward(new Plain(x)).Value:R}."));
                }
            }
        }

        foreach (var loss in model.HeadOutputs.Select(output => output.Head.OutputLoss).OfType<Loss>().Distinct())
        {
            if (Of(loss) is not { } definition)
            {
                return new(false, $"There is no second text of {loss} to decide.");
            }

            foreach (var (z, t) in Points.SelectMany(z => new[] { (z, 0.0), (z, 1.0) }))
            {
                if (!(Math.Abs(loss.Value(new Plain(z), new Plain(t)).Value - definition(z, t)) <= Bound * (1 + Math.Abs(definition(z, t)))))
                {
                    return new(true,
                        FormattableString.Invariant($"{loss} of {z:R} and {t} is {definition(z, t):R}, ")
                        + FormattableString.Invariant($"but ours is {loss.Value(new Plain(z), new Plain(t)).Value:R}."));
                }
            }
        }

        return null;
    }

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
internal sealed record FormulaDoubt(bool IsKnown, string Words);
