using System.Runtime.CompilerServices;

namespace Backprop.Formulas;

/// <summary>An optimizer: hyper-parameters, and the update they make at each step.</summary>
/// <remarks>
/// Defaults are PyTorch's. A new one is a record with a nested update: it names its defaults, computes the constants of a step in
/// <see cref="IOptimizer{TUpdate}.At"/> and writes the paper's lines in <see cref="IUpdate.Apply"/>.
/// </remarks>
public abstract record Optimizer
{
    /// <summary>Every optimizer there is: with its default hyper-parameters, then with those that change its formula.</summary>
    public static IReadOnlyList<Optimizer> All { get; } =
    [
        new Sgd(),
        new Sgd { Momentum = 0.9 },
        new Sgd { Momentum = 0.9, Nesterov = true },
        new Sgd { Momentum = 0.9, Dampening = 0.5, WeightDecay = 0.01 },
        new Adam(),
        new Adam { AmsGrad = true },
        new AdamW(),
        new AdamW { AmsGrad = true, L1 = 0.001 },
        new NAdam(),
        new RAdam(),
        new RmsProp(),
        new RmsProp { Momentum = 0.9, Centered = true },
        new RmsProp { Momentum = 0.9, WeightDecay = 0.01 },
        new RmsProp { Centered = true },
        new Adagrad(),
        new Adagrad { InitialAccumulator = 0.1, RateDecay = 0.01 },
        new Adadelta(),
        new Adamax(),
        new Rprop(),
    ];

    /// <summary>The name in lower case, as options and the command line take it.</summary>
    public virtual string Name => GetType().Name.ToLowerInvariant();

    /// <summary>The step size, above 0.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double LearningRate { get; init => field = Positive(value); }

    /// <summary>λ of L2 regularisation, from 0 (none): λ/2 · Σ w² joins the loss, which adds λ w to the gradient.</summary>
    /// <exception cref="ArgumentException">It is below 0 or not finite.</exception>
    public double WeightDecay { get; init => field = NotNegative(value); }

    /// <summary>Whether weight decay shrinks weights by η λ w beside the update, instead of joining the gradient. Loshchilov and Hutter (2019).</summary>
    public bool DecoupledWeightDecay { get; init; }

    /// <summary>λ of L1 regularisation, from 0 (none): λ · Σ |w| joins the loss, which adds λ sign w to the gradient; nothing where w is 0.</summary>
    /// <exception cref="ArgumentException">It is below 0 or not finite.</exception>
    public double L1 { get; init => field = NotNegative(value); }

    /// <summary>
    /// Whether <see cref="WeightDecay"/> and <see cref="L1"/> apply to biases, gains and other vectors too; PyTorch's weight_decay does,
    /// textbooks' does not.
    /// </summary>
    public bool DecayBiases { get; init; }

    /// <summary>The optimizer of that name with its default hyper-parameters.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Optimizer Parse(string name) => Catalogue.Find([.. All.DistinctBy(o => o.Name)], o => o.Name, name, "optimizer");

    /// <summary>
    /// Hands the whole update's type, regularisation included, to a visitor, which calls <see cref="IOptimizer{TUpdate}.At"/> before each step.
    /// </summary>
    /// <exception cref="ArgumentException">Hyper-parameters contradict each other.</exception>
    public TResult Accept<TResult>(IOptimizerVisitor<TResult> visitor) => AcceptOwn(new Regularising<TResult>(this, visitor));

    /// <summary>The same of the optimizer's own update: what its formula gives, without regularisation, which is wrapped around it.</summary>
    protected abstract TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor);

    /// <summary>The value, if it is in bounds.</summary>
    protected static double Check(double value, bool holds, string bound, [CallerMemberName] string name = "")
        => holds ? value : throw new ArgumentException($"{name} is {value}, not {bound}. Correct it.");

    /// <summary>The value, if it is finite and above 0.</summary>
    protected static double Positive(double value, [CallerMemberName] string name = "")
        => Check(value, value > 0 && double.IsFinite(value), "a finite number above 0", name);

    /// <summary>The value, if it is finite and not below 0.</summary>
    protected static double NotNegative(double value, [CallerMemberName] string name = "")
        => Check(value, value >= 0 && double.IsFinite(value), "a finite number, 0 or above", name);

    /// <summary>The value, if a moving average can decay by it.</summary>
    protected static double Decay(double value, [CallerMemberName] string name = "")
        => Check(value, value is >= 0 and < 1, "from 0 to below 1", name);

    /// <summary>baseᵏ by repeated squaring: the same bits on every machine, which Math.Pow does not promise.</summary>
    protected internal static double Power(double @base, long k)
    {
        var power = 1.0;
        for (; k > 0; k >>= 1, @base *= @base)
        {
            if ((k & 1) == 1)
            {
                power *= @base;
            }
        }

        return power;
    }
}
