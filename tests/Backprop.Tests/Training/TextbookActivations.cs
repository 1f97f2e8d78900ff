using Backprop.Tests.Kernels;

namespace Backprop.Tests.Training;

/// <summary>Every activation and its derivative as PyTorch documents them, in double, with no thought of rounding.</summary>
internal static class TextbookActivations
{
    /// <summary>The activation of that name, with its usual parameters.</summary>
    public static (double Value, double Slope) Of(string name, double x)
    {
        var (sigmoid, tanh, power) = (1 / (1 + Math.Exp(-x)), Math.Tanh(x), Math.Exp(x));
        return name switch
        {
            "identity" => (x, 1),
            "relu" => (Math.Max(0, x), x > 0 ? 1 : 0),
            "leakyrelu" => (x > 0 ? x : 0.01 * x, x > 0 ? 1 : 0.01),
            "absolute" => (Math.Abs(x), Math.Sign(x)),
            "relu6" => (Math.Clamp(x, 0, 6), x is > 0 and < 6 ? 1 : 0),
            "hardtanh" => (Math.Clamp(x, -1, 1), x is > -1 and < 1 ? 1 : 0),
            "hardsigmoid" => (Math.Clamp(x + 3, 0, 6) / 6, x is > -3 and < 3 ? 1 / 6.0 : 0),
            "sigmoid" => (sigmoid, sigmoid * (1 - sigmoid)),
            "tanh" => (tanh, 1 - tanh * tanh),
            "smoothclip" => (x / Math.Sqrt(1 + x * x / 9), Math.Pow(1 + x * x / 9, -1.5)),
            "softsign" => (x / (1 + Math.Abs(x)), Math.Pow(1 + Math.Abs(x), -2)),
            "logsigmoid" => (Math.Log(sigmoid), 1 - sigmoid),
            "softplus" => x > 20 ? (x, 1) : (Math.Log(1 + power), sigmoid),
            "silu" => (x * sigmoid, sigmoid * (1 + x * (1 - sigmoid))),
            "gelu" => (x * Normal(x), Normal(x) + x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI)),
            "gelutanh" => ApproximateGelu(x),
            "mish" => Mish(x, sigmoid, Math.Tanh(Math.Log(1 + power))),
            "hardswish" => (x * Math.Clamp(x + 3, 0, 6) / 6, x <= -3 ? 0 : x < 3 ? x / 3 + 0.5 : 1),
            "elu" => x > 0 ? (x, 1) : (power - 1, power),
            "selu" => x > 0 ? (1.0507009873554805 * x, 1.0507009873554805) : (1.7580993408473769 * (power - 1), 1.7580993408473769 * power),
            "celu" => x > 0 ? (x, 1) : (power - 1, power),
            "softshrink" => (Math.Sign(x) * Math.Max(0, Math.Abs(x) - 0.5), Math.Abs(x) > 0.5 ? 1 : 0),
            "tanhshrink" => (x - tanh, tanh * tanh),
            "sine" => (Math.Sin(x), Math.Cos(x)),
            "cosine" => (Math.Cos(x), -Math.Sin(x)),
            _ => throw new ArgumentException($"Add {name} to the textbook."),
        };
    }

    private static double Normal(double x) => Exact.Of("erfc", -x / Math.Sqrt(2)).Approximate() / 2;

    private static (double Value, double Slope) ApproximateGelu(double x)
    {
        var tanh = Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x));
        var slope = Math.Sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
        return (x / 2 * (1 + tanh), (1 + tanh) / 2 + x / 2 * (1 - tanh * tanh) * slope);
    }

    private static (double Value, double Slope) Mish(double x, double sigmoid, double gate) => (x * gate, gate + x * (1 - gate * gate) * sigmoid);
}
