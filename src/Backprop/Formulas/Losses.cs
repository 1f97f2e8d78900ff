using System.Globalization;

namespace Backprop.Formulas;

/// <summary>ℓ(z, t) of one output z and its target t, and ∂ℓ/∂z.</summary>
public interface ILoss
{
    /// <summary>ℓ(z, t).</summary>
    TX Value<TX>(TX z, TX t) where TX : IReal<TX>;

    /// <summary>∂ℓ/∂z.</summary>
    TX Derivative<TX>(TX z, TX t) where TX : IReal<TX>;

    /// <summary>Whether z &gt; 0 predicts that t is above one half, so that rows can be counted as right or wrong.</summary>
    static virtual bool SignPredicts => false;

    /// <summary>The formula's parameter as its name shows it, such as <c>0.5</c> in <c>huber(0.5)</c>; empty without one.</summary>
    string Parameter => "";
}

/// <summary>What becomes of the losses of a batch's rows.</summary>
public enum Reduction
{
    /// <summary>Their mean.</summary>
    Mean,

    /// <summary>Their sum: gradients grow with the batch.</summary>
    Sum,
}

/// <summary>A loss summed output by output, chosen at run time: the catalogue's row.</summary>
public abstract class Loss : ILoss
{
    /// <summary>Every elementwise loss there is, with PyTorch's parameters. (Softmax cross-entropy couples the outputs of a row: it is an op.)</summary>
    public static IReadOnlyList<Loss> All { get; } =
    [
        Of(new SquaredError()),
        Of(new AbsoluteError()),
        Family(beta => new SmoothL1(beta), 1),
        Family(delta => new Huber(delta), 1),
        Family(level => new Pinball(level), 0.5),
        Of(new Poisson()),
        Of(new Poisson(Full: true)),
        Of(new BinaryCrossEntropy()),
        Family(weight => new WeightedBinaryCrossEntropy(weight), 1),
        Of(new SoftMargin()),
    ];

    /// <summary>The formula's name in lower case, and its parameter if it has one: <c>huber(0.5)</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether the formula is one of the catalogue's, whatever its parameter.</summary>
    internal bool IsCatalogued => All.Any(loss => loss.GetType() == GetType());

    /// <summary>Makes the formula with another number as its parameter; null if it has none.</summary>
    private Func<double, Loss>? With { get; init; }

    /// <summary>Makes a loss of a formula, from this assembly or another.</summary>
    public static Loss Of<TF>(TF formula) where TF : struct, ILoss => new Bound<TF>(formula);

    /// <summary>The loss of that name; a parameter left out is the catalogue's: <c>huber</c>, <c>huber(0.5)</c>.</summary>
    /// <exception cref="ArgumentException">There is none, or its parameter is not one; the message says what there is.</exception>
    public static Loss Parse(string name)
    {
        var (family, parameter) = Catalogue.Split(name);
        var known = All.FirstOrDefault(loss => string.Equals(loss.Name, name, StringComparison.OrdinalIgnoreCase));
        if (known is not null)
        {
            return known;
        }

        var row = Catalogue.Find(All, loss => Catalogue.Split(loss.Name).Name, family, "loss");
        return parameter is null ? row
            : row.With is null || !double.TryParse(parameter, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? throw new ArgumentException($"'{name}' is no loss: {row.Name} does not take '{parameter}'. Choose one of: {string.Join(", ", All)}.")
                : row.With(number);
    }

    /// <inheritdoc/>
    public abstract TX Value<TX>(TX z, TX t) where TX : IReal<TX>;

    /// <inheritdoc/>
    public abstract TX Derivative<TX>(TX z, TX t) where TX : IReal<TX>;

    /// <summary>Hands the formula, with its own type, to a visitor.</summary>
    public abstract TResult Accept<TResult>(ILossVisitor<TResult> visitor);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static Loss Family<TF>(Func<double, TF> make, double usual) where TF : struct, ILoss
        => new Bound<TF>(make(usual)) { With = parameter => Of(make(parameter)) };

    private sealed class Bound<TF>(TF formula) : Loss where TF : struct, ILoss
    {
        private readonly TF formula = formula;

        public override string Name { get; } = formula.Parameter.Length == 0
            ? typeof(TF).Name.ToLowerInvariant()
            : $"{typeof(TF).Name.ToLowerInvariant()}({formula.Parameter})";

        public override TX Value<TX>(TX z, TX t) => formula.Value(z, t);

        public override TX Derivative<TX>(TX z, TX t) => formula.Derivative(z, t);

        public override TResult Accept<TResult>(ILossVisitor<TResult> visitor) => visitor.Visit(formula);

        public override bool Equals(object? other) => other is Bound<TF> bound && bound.formula.Equals(formula);

        public override int GetHashCode() => formula.GetHashCode();
    }
}

/// <summary>Receives a loss as the struct it is.</summary>
/// <typeparam name="TResult">What the visit makes.</typeparam>
public interface ILossVisitor<TResult>
{
    /// <summary>Called with the formula's own type.</summary>
    TResult Visit<TF>(TF formula) where TF : struct, ILoss;
}
