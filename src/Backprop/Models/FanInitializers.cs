namespace Backprop.Models;

/// <summary>PyTorch's default for weights of a linear layer: kaiming_uniform_(a = √5), which is U(−1/√inputs, 1/√inputs) in more roundings.</summary>
public sealed record DefaultWeights : Initializer
{
    private static readonly KaimingUniform Same = new() { Gain = Models.Gain.OfSlope(Math.Sqrt(5)) };

    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random) => Same.Fill(values, fanIn, fanOut, random);
}

/// <summary>PyTorch's default for biases of a linear layer: U(−1/√inputs, 1/√inputs).</summary>
public sealed record DefaultBiases : Initializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
        => random.FillUniform(values, -1 / Math.Sqrt(fanIn), 1 / Math.Sqrt(fanIn));
}

/// <summary>U(−b, b) with b = gain √(6 / (inputs + units)): xavier_uniform_. Glorot and Bengio (2010).</summary>
public sealed record XavierUniform : GainInitializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
    {
        var bound = Math.Sqrt(3) * (Gain * Math.Sqrt(2 / ((double)fanIn + fanOut)));
        random.FillUniform(values, -bound, bound);
    }
}

/// <summary>N(0, 2 gain² / (inputs + units)): xavier_normal_. Glorot and Bengio (2010).</summary>
public sealed record XavierNormal : GainInitializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
        => random.FillNormal(values, 0, Gain * Math.Sqrt(2 / ((double)fanIn + fanOut)));
}

/// <summary>U(−b, b) with b = gain √(3 / fan): kaiming_uniform_. He, Zhang, Ren and Sun (2015).</summary>
public sealed record KaimingUniform : KaimingInitializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
    {
        var bound = Math.Sqrt(3) * Deviation(fanIn, fanOut);
        random.FillUniform(values, -bound, bound);
    }
}

/// <summary>N(0, gain² / fan): kaiming_normal_. He, Zhang, Ren and Sun (2015).</summary>
public sealed record KaimingNormal : KaimingInitializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
        => random.FillNormal(values, 0, Deviation(fanIn, fanOut));
}

/// <summary>U(−√(3 / inputs), √(3 / inputs)). LeCun, Bottou, Orr and Müller, Efficient BackProp (1998).</summary>
public sealed record LecunUniform : Initializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
        => new KaimingUniform { Gain = 1 }.Fill(values, fanIn, fanOut, random);
}

/// <summary>N(0, 1 / inputs). LeCun, Bottou, Orr and Müller, Efficient BackProp (1998).</summary>
public sealed record LecunNormal : Initializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
        => new KaimingNormal { Gain = 1 }.Fill(values, fanIn, fanOut, random);
}

/// <summary>What scales with a gain.</summary>
public abstract record GainInitializer : Initializer
{
    /// <summary>The factor for the activation that follows, see <see cref="Models.Gain"/>; above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Gain { get; init => field = Check(value, value > 0, "a finite number above 0"); } = 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Arguments => [Text(Gain)];

    /// <inheritdoc/>
    protected override Initializer With(IReadOnlyList<string> arguments) => this with { Gain = Number(arguments[0]) };
}

/// <summary>Which of a layer's two numbers of connections counts.</summary>
public enum Fan
{
    /// <summary>The inputs of a unit: activations keep their size on the way forward.</summary>
    In,

    /// <summary>The units that read an input: gradients keep their size on the way back.</summary>
    Out,
}

/// <summary>What scales with one of the fans and a gain, which is ReLU's unless given.</summary>
public abstract record KaimingInitializer : GainInitializer
{
    /// <summary>Sets ReLU's gain.</summary>
    protected KaimingInitializer() => Gain = Models.Gain.Relu;

    /// <summary>The fan that counts.</summary>
    public Fan Fan { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Arguments => [Fan == Fan.In ? "in" : "out", Text(Gain)];

    /// <inheritdoc/>
    protected override Initializer With(IReadOnlyList<string> arguments) => this with
    {
        Fan = arguments[0] switch { "in" => Fan.In, "out" => Fan.Out, _ => throw new FormatException() },
        Gain = Number(arguments[1]),
    };

    /// <summary>gain / √fan.</summary>
    protected double Deviation(int fanIn, int fanOut) => Gain / Math.Sqrt(Fan == Fan.In ? fanIn : fanOut);
}
