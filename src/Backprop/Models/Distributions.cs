namespace Backprop.Models;

/// <summary>All zeros; draws nothing.</summary>
public sealed record Zeros : Initializer
{
    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random) => values.Clear();
}

/// <summary>One number everywhere, such as 0.1 for the biases of ReLU layers, so that most units begin active; draws nothing.</summary>
public sealed record Constant : Initializer
{
    /// <summary>The number, finite.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Value { get; init => field = Check(value); } = 0.1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Arguments => [Text(Value)];

    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random) => values.Fill(T.CreateTruncating(Value));

    /// <inheritdoc/>
    protected override Initializer With(IReadOnlyList<string> arguments) => new Constant { Value = Number(arguments[0]) };
}

/// <summary>U(from, to): PyTorch's uniform_.</summary>
public sealed record Uniform : Initializer
{
    /// <summary>The lower bound, finite.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double From { get; init => field = Check(value); }

    /// <summary>The upper bound, finite.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double To { get; init => field = Check(value); } = 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Arguments => [Text(From), Text(To)];

    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random) => random.FillUniform(values, From, To);

    /// <inheritdoc/>
    protected override Initializer With(IReadOnlyList<string> arguments) => new Uniform { From = Number(arguments[0]), To = Number(arguments[1]) };
}

/// <summary>N(mean, deviation²): PyTorch's normal_.</summary>
public sealed record Normal : Initializer
{
    /// <summary>The mean, finite.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Mean { get; init => field = Check(value); }

    /// <summary>The standard deviation, from 0 on.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double Deviation { get; init => field = Check(value, value >= 0, "a finite number from 0 on"); } = 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Arguments => [Text(Mean), Text(Deviation)];

    /// <inheritdoc/>
    public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random) => random.FillNormal(values, Mean, Deviation);

    /// <inheritdoc/>
    protected override Initializer With(IReadOnlyList<string> arguments) => new Normal { Mean = Number(arguments[0]), Deviation = Number(arguments[1]) };
}
