using Backprop.Models.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Backprop.Torch;

/// <summary>PyTorch's own counterpart of every layer, with parameters of the same names; where it has none, its users' way to write it.</summary>
internal static class LayerTwins
{
    /// <summary>The module of a layer with one input of that many columns; null for a layer of several inputs, which has no parameters.</summary>
    /// <exception cref="NotSupportedException">None is named yet; the message has the line to add.</exception>
    public static nn.Module<Tensor, Tensor>? Of(Layer layer, int columns, ScalarType type) => layer switch
    {
        // Of parameters of our own: PyTorch's random stream stays where it was.
        Models.Layers.Linear linear => nn.Linear(Zeros(type, linear.Units, columns), linear.Bias ? Zeros(type, linear.Units) : null),
        Activate activate => Twins.Of(activate.Function),
        Models.Layers.PRelu prelu => nn.PReLU(prelu.SlopePerColumn ? columns : 1, 0.25, dtype: type),
        Models.Layers.Maxout maxout => new Maxout(maxout, columns, type),
        Models.Layers.RadialBasis radial => new RadialBasis(radial, columns, type),
        Models.Layers.Dropout dropout => nn.Dropout(dropout.Probability),
        Models.Layers.LayerNorm norm => nn.LayerNorm(columns, norm.Epsilon, dtype: type),
        Models.Layers.BatchNorm norm => nn.BatchNorm1d(columns, norm.Epsilon, norm.Momentum ?? throw CumulativeAverage, dtype: type),
        Models.Layers.Scale => new Scale(columns, type),
        Models.Layers.RobustScale robust => new RobustScale(robust, columns, type),
        Models.Layers.PiecewiseLinearEncoding encoding => new PiecewiseLinearEncoding(encoding, columns, type),
        Models.Layers.Embedding embedding => new Lookup(embedding, type),
        Columns part => new Narrow(part),
        Combination or Concatenation or MemberMean => null,
        _ => throw new NotSupportedException($"No PyTorch counterpart of {layer.GetType().Name} is named. "
            + $"Add to LayerTwins.cs: {layer.GetType().Name} => nn.{layer.GetType().Name}(),"),
    };

    /// <summary>What a layer of several inputs makes of them.</summary>
    public static Tensor Join(Layer layer, Tensor[] inputs) => layer switch
    {
        Sum => inputs.Aggregate((a, b) => a + b),
        Product => inputs.Aggregate((a, b) => a * b),
        Concatenation => cat(inputs, 1),
        MemberMean => stack(inputs).mean([0L]),
        _ => throw new NotSupportedException($"No PyTorch counterpart of {layer.GetType().Name} is named. Add it to LayerTwins.Join."),
    };

    private static NotSupportedException CumulativeAverage
        => new("TorchSharp's BatchNorm1d has no running average over all batches. Give the BatchNorm layer a momentum to compare it.");

    private static Parameter Zeros(ScalarType type, params long[] shape) => new(zeros(shape, type), requires_grad: true);

    /// <summary>Columns that say where some of the input's are missing, behind others.</summary>
    private static Tensor WithIndicators(Tensor columns, Tensor input, IReadOnlyList<int>? indicators) => indicators is { Count: > 0 }
        ? cat([columns, input.isnan().to(input.dtype).index_select(1, tensor([.. indicators.Select(column => (long)column)]))], 1)
        : columns;

    private sealed class Maxout : nn.Module<Tensor, Tensor>
    {
        private readonly Models.Layers.Maxout layer;
        private readonly Parameter weight;
        private readonly Parameter bias;

        public Maxout(Models.Layers.Maxout layer, int columns, ScalarType type) : base(nameof(Maxout))
        {
            this.layer = layer;
            (weight, bias) = (Zeros(type, layer.Pieces * layer.Units, columns), Zeros(type, layer.Pieces * layer.Units));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => nn.functional.linear(input, weight, bias).view(-1, layer.Pieces, layer.Units).max(1).values;
    }

    private sealed class RadialBasis : nn.Module<Tensor, Tensor>
    {
        private readonly double sigma;
        private readonly Parameter weight;

        public RadialBasis(Models.Layers.RadialBasis layer, int columns, ScalarType type) : base(nameof(RadialBasis))
        {
            (sigma, weight) = (layer.Sigma, Zeros(type, layer.Units, columns));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => (-(input.unsqueeze(1) - weight).square().sum(2) / (sigma * sigma)).exp();
    }

    private sealed class Scale : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter weight;

        public Scale(int columns, ScalarType type) : base(nameof(Scale))
        {
            weight = Zeros(type, columns);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input * weight;
    }

    /// <summary>The statistics are buffers, as those of nn.BatchNorm1d are.</summary>
    private sealed class RobustScale : nn.Module<Tensor, Tensor>
    {
        private readonly Models.Layers.RobustScale layer;
        // As long as the module: the garbage collector may free a temporary scalar while the native call still reads it.
        private readonly TorchSharp.Scalar one = 1, bound;
        private readonly Tensor center, scale;

        public RobustScale(Models.Layers.RobustScale layer, int columns, ScalarType type) : base(nameof(RobustScale))
        {
            (this.layer, bound) = (layer, layer.Bound);
            (center, scale) = (zeros(columns, type), ones(columns, type));
            register_buffer(nameof(center), center);
            register_buffer(nameof(scale), scale);
        }

        public override Tensor forward(Tensor input)
        {
            var z = (input - center) * scale;
            var clipped = z / z.div(bound).square().add(one).sqrt();
            var known = where(z.isnan(), zeros_like(z), clipped);
            return WithIndicators(known, input, layer.Indicators);
        }
    }

    /// <summary>The edges are buffers, as the statistics of nn.BatchNorm1d are.</summary>
    private sealed class PiecewiseLinearEncoding : nn.Module<Tensor, Tensor>
    {
        private readonly Models.Layers.PiecewiseLinearEncoding layer;
        private readonly TorchSharp.Scalar zero = 0, one = 1;
        private readonly Tensor low, scale;
        private readonly long[] columnOfBin;

        public PiecewiseLinearEncoding(Models.Layers.PiecewiseLinearEncoding layer, int columns, ScalarType type) : base(nameof(PiecewiseLinearEncoding))
        {
            this.layer = layer;
            columnOfBin = [.. Enumerable.Range(0, columns).SelectMany(column => Enumerable.Repeat((long)column, layer.Counts?[column] ?? layer.Bins))];
            (low, scale) = (zeros(columnOfBin.Length, type), ones(columnOfBin.Length, type));
            register_buffer(nameof(low), low);
            register_buffer(nameof(scale), scale);
        }

        public override Tensor forward(Tensor input)
        {
            var z = (input.index_select(1, tensor(columnOfBin)) - low) * scale;
            // At an edge neither x nor the edge counts: clamp's gradient would be 1 there.
            var parts = where(z > zero, where(z < one, z, ones_like(z)), zeros_like(z));
            return WithIndicators(parts, input, layer.Indicators);
        }
    }

    private sealed class Lookup : nn.Module<Tensor, Tensor>
    {
        private readonly Parameter weight;

        public Lookup(Models.Layers.Embedding layer, ScalarType type) : base(nameof(Lookup))
        {
            weight = Zeros(type, layer.Categories, layer.Units);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => weight.index_select(0, input.squeeze(1).to(ScalarType.Int64));
    }

    private sealed class Narrow(Columns layer) : nn.Module<Tensor, Tensor>(nameof(Narrow))
    {
        public override Tensor forward(Tensor input) => input.narrow(1, layer.First, layer.Count);
    }
}
