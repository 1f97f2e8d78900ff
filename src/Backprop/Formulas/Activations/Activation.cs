using System.Globalization;

namespace Backprop.Formulas;

/// <summary>An activation chosen at run time: the catalogue's row, and the bridge to the formula's own type.</summary>
/// <remarks>
/// Values and derivatives are PyTorch's, at kinks, zeros of either sign, infinities and NaN, but for these: where PyTorch multiplies
/// infinity by 0, the limit stands instead of NaN (x · σ(x) is −0 at −∞); the derivative of <see cref="Relu"/> at NaN is 0,
/// not 1; where libtorch's vector loops and the loops for what is left over differ, it is as the vector loops.
/// </remarks>
public abstract partial class Activation : IActivation
{
    private static readonly Lock Registering = new();
    private static IReadOnlyList<Activation> registered = [];

    // Rows are made to be looked at by their family: what else they tell is read off the formula when somebody asks, as each formula costs the JIT time.
    private readonly Lazy<(bool X, bool Y)> derivativeReads;
    private string? name;

    private Activation(Type formula)
    {
        Family = formula.Name.ToLowerInvariant();
        derivativeReads = new(() =>
        {
            var reads = Derivative<Reads>(Reads.First, Reads.Second);
            return (reads.Has(Reads.First), reads.Has(Reads.Second));
        });
    }

    /// <summary>Every activation of this library, with its usual parameters; each family's file has its formulas and their rows.</summary>
    public static IReadOnlyList<Activation> All { get; } =
        [.. PiecewiseLinear, .. Sigmoids, .. Gated, .. ExponentialLinear, .. Shrinkages, .. Waves];

    /// <summary>The formula's name in lower case, as options and the command line take it: <c>leakyrelu</c>.</summary>
    public string Family { get; }

    /// <summary>The family, and the parameters if they are not the usual ones: <c>leakyrelu(0.2)</c>.</summary>
    public string Name => name ??= Parameters.SequenceEqual(Usual) ? Family : Spelled(Parameters);

    /// <inheritdoc/>
    public abstract IReadOnlyList<double> Parameters { get; }

    /// <summary>Whether <see cref="Parse"/> makes this activation of its name, so that a file can say which it is.</summary>
    public bool IsKnown => Known().Any(row => row.Family == Family && row.With(Parameters).Equals(this));

    /// <summary>Which of x and y <see cref="Derivative"/> reads; what it does not read need not be kept for the backward pass.</summary>
    public (bool X, bool Y) DerivativeReads => derivativeReads.Value;

    /// <summary>The parameters of the formula made without any.</summary>
    private protected abstract IReadOnlyList<double> Usual { get; }

    /// <summary>Makes an activation of a formula, from this assembly or another.</summary>
    public static Activation Of<TF>(TF formula) where TF : struct, IActivation => new Bound<TF>(formula);

    /// <summary>Makes a formula of another assembly known by its name, so that models with it can be saved, and loaded where it is registered too.</summary>
    /// <exception cref="ArgumentException">Another formula has that name.</exception>
    public static void Register(Activation activation)
    {
        lock (Registering)
        {
            var taken = Known().FirstOrDefault(row => row.Family == activation.Family);
            if (taken is not null && taken.GetType() != activation.GetType())
            {
                throw new ArgumentException($"There is another activation '{activation.Family}'. Rename the formula's type: its name must be the only one.");
            }

            registered = taken is null ? [.. registered, activation] : registered;
        }
    }

    /// <summary>
    /// The activation of that name, of this library or registered; parameters left out are the usual ones: <c>leakyrelu</c>, <c>leakyrelu(0.2)</c>.
    /// </summary>
    /// <exception cref="ArgumentException">There is none, or its parameters are out of bounds; the message says what there is.</exception>
    public static Activation Parse(string name)
    {
        var (family, text) = Catalogue.Split(name);
        var row = Catalogue.Find(Known(), a => a.Family, family, "activation");
        var words = text is null or "" ? [] : text.Split(',');
        var numbers = new double[words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            if (i == row.Parameters.Count || !double.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
            {
                throw new ArgumentException($"{row.Family} does not take '{words[i]}' in '{name}'. {row.Example}");
            }
        }

        return row.With(numbers);
    }

    /// <summary>The same formula made with other numbers; those left out at the end are the usual ones.</summary>
    public abstract Activation With(IReadOnlyList<double> parameters);

    /// <inheritdoc/>
    public abstract TX Forward<TX>(TX x) where TX : IReal<TX>;

    /// <inheritdoc/>
    public abstract TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>;

    /// <inheritdoc/>
    public abstract TX Definition<TX>(TX x) where TX : IReal<TX>;

    /// <summary>Hands the formula, with its own type, to a visitor: double dispatch once, so that the JIT can specialise.</summary>
    public abstract TResult Accept<TResult>(IActivationVisitor<TResult> visitor);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private string Example => Usual.Count == 0 ? $"Write {Family}." : $"Write {Family} or {Spelled(Usual)}.";

    private static IReadOnlyList<Activation> Known() => [.. All, .. Volatile.Read(ref registered)];

    private string Spelled(IEnumerable<double> parameters) => $"{Family}({string.Join(", ", parameters.Select(Catalogue.Show))})";

    private sealed class Bound<TF>(TF formula) : Activation(typeof(TF)) where TF : struct, IActivation
    {
        private readonly TF formula = formula;

        public override IReadOnlyList<double> Parameters => formula.Parameters;

        private protected override IReadOnlyList<double> Usual => new TF().Parameters;

        public override Activation With(IReadOnlyList<double> parameters)
            => Usual.Count == 0 ? this : formula.With([.. parameters, .. Usual.Skip(parameters.Count)]);

        public override TX Forward<TX>(TX x) => formula.Forward(x);

        public override TX Derivative<TX>(TX x, TX y) => formula.Derivative(x, y);

        public override TX Definition<TX>(TX x) => formula.Definition(x);

        public override TResult Accept<TResult>(IActivationVisitor<TResult> visitor) => visitor.Visit(formula);

        public override bool Equals(object? other) => other is Bound<TF> that && formula.Equals(that.formula);

        public override int GetHashCode() => formula.GetHashCode() ^ typeof(TF).GetHashCode();
    }
}
