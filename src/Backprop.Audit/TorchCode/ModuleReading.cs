using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace Backprop.Audit;

/// <summary>Reads a module, or a sequence of modules, as a network of this library.</summary>
internal sealed class ModuleReading
{
    private readonly List<string> prefixes = [];
    private Signal signal;

    private ModuleReading(int columns) => signal = Signal.Features(columns);

    /// <summary>The last layer's result.</summary>
    public Signal Signal => signal;

    /// <summary>Reads it; null if a module in it is not known here.</summary>
    /// <param name="module">The module.</param>
    /// <param name="columns">Columns of its input.</param>
    public static ModuleReading? Of(nn.Module module, int columns)
    {
        var reading = new ModuleReading(columns);
        return reading.Append(module, "") && reading.prefixes.Count > 0 ? reading : null;
    }

    /// <summary>What the module calls a tensor of the network, as <c>2.weight</c>.</summary>
    public string NameOf(string tensor)
    {
        var dot = tensor.IndexOf('.', StringComparison.Ordinal);
        return prefixes[int.Parse(tensor[..dot], System.Globalization.CultureInfo.InvariantCulture)] + tensor[(dot + 1)..];
    }

    private bool Append(nn.Module module, string prefix)
    {
        if (module is Modules.Sequential sequence)
        {
            return sequence.named_children().All(child => Append(child.module, $"{prefix}{child.name}."));
        }

        if (LayerOf(module) is not { } layer)
        {
            return false;
        }

        signal = signal.Through(layer);
        prefixes.Add(prefix);
        return true;
    }

    private static Layer? LayerOf(nn.Module module) => module switch
    {
        Modules.Linear m => new Linear((int)m.out_features) { Bias = m.bias is not null },
        Modules.Dropout m => new Dropout(m.p),
        Modules.LayerNorm { weight: not null, bias: not null, normalized_shape: [_] } m => new LayerNorm { Epsilon = m.eps },
        Modules.BatchNorm1d { affine: true, track_running_stats: true, momentum: { } momentum } m => new BatchNorm { Epsilon = m.eps, Momentum = momentum },
        Modules.PReLU m => new PRelu { SlopePerColumn = m.num_parameters > 1 },
        _ => ActivationOf(module) is { } activation ? new Activate(activation) : null,
    };

    private static Activation? ActivationOf(nn.Module module) => module switch
    {
        Modules.Identity => Activation.Of(new Identity()),
        Modules.ReLU => Activation.Of(new Relu()),
        Modules.LeakyReLU m => Activation.Of(new LeakyRelu(m.negative_slope)),
        Modules.ReLU6 => Activation.Of(new Relu6()),
        Modules.Hardtanh m => Activation.Of(new HardTanh(m.min_val, m.max_val)),
        Modules.Hardsigmoid => Activation.Of(new HardSigmoid()),
        Modules.Sigmoid => Activation.Of(new Sigmoid()),
        Modules.Tanh => Activation.Of(new Tanh()),
        Modules.Softsign => Activation.Of(new Softsign()),
        Modules.LogSigmoid => Activation.Of(new LogSigmoid()),
        Modules.Softplus m => Activation.Of(new Softplus(m.beta, m.threshold)),
        Modules.SiLU => Activation.Of(new Silu()),
        Modules.GELU { approximate: Modules.GELU.Approximate.none } => Activation.Of(new Gelu()),
        Modules.GELU => Activation.Of(new GeluTanh()),
        Modules.Mish => Activation.Of(new Mish()),
        Modules.Hardswish => Activation.Of(new HardSwish()),
        Modules.ELU m => Activation.Of(new Elu(m.alpha)),
        Modules.SELU => Activation.Of(new Selu()),
        Modules.CELU m => Activation.Of(new Celu(m.alpha)),
        Modules.Softshrink m => Activation.Of(new SoftShrink(m.lambda)),
        Modules.Tanhshrink => Activation.Of(new TanhShrink()),
        _ => null,
    };
}
