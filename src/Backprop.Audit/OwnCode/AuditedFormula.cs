using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Planning;
using Backprop.Torch;
using static TorchSharp.torch;
using Loss = Backprop.Formulas.Loss;

namespace Backprop.Audit;

/// <summary>A formula of one number x and, in a loss, of its target t, in all the readings by which it is audited.</summary>
/// <param name="area">What kind of formula it is.</param>
/// <param name="name">Its name.</param>
internal abstract class AuditedFormula(string area, string name)
{
    /// <summary>A row of numbers as wide as the engine's panels.</summary>
    protected const int Width = 16;

    /// <summary>What kind of formula it is.</summary>
    public string Area => area;

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>What its value is called.</summary>
    public abstract string ValueName { get; }

    /// <summary>What its slope is called.</summary>
    public abstract string SlopeName { get; }

    /// <summary>The targets it is audited for; 0 alone where it has none.</summary>
    public abstract double[] Targets { get; }

    /// <summary>Points where PyTorch's conventions are looked at: kinks, zeros, infinities, NaN, and where it saturates.</summary>
    public abstract IEnumerable<double> SpecialPoints(double target);

    /// <summary>A point as messages have it.</summary>
    public abstract string At(string x, string t);

    /// <summary>The formula.</summary>
    public abstract TX Value<TX>(TX x, TX t) where TX : IReal<TX>;

    /// <summary>Its rule of differentiation.</summary>
    public abstract TX Rule<TX>(TX x, TX t) where TX : IReal<TX>;

    /// <summary>Values and slopes by the engine's kernels.</summary>
    public abstract (double[] Values, double[] Slopes) Engine<T>(double[] x, double[] t) where T : unmanaged, IFloatingPointIeee754<T>;

    /// <summary>Values and slopes by PyTorch's function of its name, its slopes by autograd; or why there are none, as where PyTorch has none.</summary>
    public ((double[] Values, double[] Slopes)? Answer, string? Missing) Torch<T>(double[] x, double[] t) => TorchWitness.Ask<(double[], double[])?>(() =>
    {
        using var scope = NewDisposeScope();
        var points = tensor(x).to(Doubles.TypeOf<T>()).requires_grad_();
        var y = Twin(points, tensor(t).to(points.dtype));
        y.sum().backward();
        return (Doubles.Of(y), Doubles.Of(points.grad!));
    });

    /// <summary>The largest number that another way to compute it may have in between, for 16 roundings of which both are the same function.</summary>
    public abstract double Largest(double x, double t);

    /// <summary>The value without rounding errors of its arguments.</summary>
    public Bounded Value(double x, double t) => Value(Bounded.Exact(x), Bounded.Exact(t));

    /// <summary>The rule's slope, likewise.</summary>
    public Bounded Rule(double x, double t) => Rule(Bounded.Exact(x), Bounded.Exact(t));

    /// <summary>The slope by dual numbers.</summary>
    public Bounded Slope(double x, double t) => Value(Dual<Bounded>.Variable(Bounded.Exact(x)), new(Bounded.Exact(t), 0)).Derivative;

    /// <summary>How far the value moves where each number that it is computed from is off by a share of itself, relative to that share.</summary>
    public double ValueCondition(double x, double t) => Condition((a, b) => Value(a, b), x, t);

    /// <summary>How far the rule's slope does.</summary>
    public abstract double RuleCondition(double x, double t);

    /// <summary>|a ∂f/∂a| + |b ∂f/∂b|.</summary>
    protected static double Condition(Func<Dual<Plain>, Dual<Plain>, Dual<Plain>> f, double a, double b)
    {
        double Moved(double number, double da, double db) => number == 0 ? 0 : Math.Abs(number * f(new(a, da), new(b, db)).Derivative.Value);
        return Moved(a, 1, 0) + Moved(b, 0, 1);
    }

    /// <summary>PyTorch's function.</summary>
    protected abstract Tensor Twin(Tensor x, Tensor t);

    /// <summary>Numbers in rows as wide as panels.</summary>
    protected static T[,] Grid<T>(double[] numbers, int count) where T : unmanaged, IFloatingPointIeee754<T>
        => Doubles.Matrix<T>([.. numbers, .. Enumerable.Repeat(numbers[^1], count - numbers.Length)], Width);
}

/// <summary>An activation.</summary>
internal sealed class AuditedActivation(Activation f) : AuditedFormula("activation", f.Name)
{
    private static readonly double[] Everywhere = [double.NegativeInfinity, -1e4, -0.0, 0, 1e4, double.PositiveInfinity, double.NaN];
    private static readonly double[] Candidates = [-6, -3, -1, -0.5, 0.5, 1, 3, 6, 20];

    /// <summary>Every one of the catalogue, and each with parameters once more with others.</summary>
    public static IEnumerable<AuditedActivation> All => Activation.All
        .SelectMany(f => f.Parameters.Count == 0 ? [f] : new[] { f, f.With([.. f.Parameters.Select(p => 0.75 * p)]) }).Select(f => new AuditedActivation(f));

    /// <summary>It itself.</summary>
    public Activation Function => f;

    public override string ValueName => "y";

    public override string SlopeName => "dy/dx";

    public override double[] Targets => [0];

    public override IEnumerable<double> SpecialPoints(double target) => Everywhere.Concat(
        Candidates.Concat(f.Parameters).Concat(f.Parameters.Select(p => -p)).Where(IsKink).Distinct().Order());

    public override string At(string x, string t) => $"x = {x}";

    public override TX Value<TX>(TX x, TX t) => f.Forward(x);

    public override TX Rule<TX>(TX x, TX t) => f.Derivative(x, f.Forward(x));

    /// <summary>It reads the value, too, as a number that is rounded.</summary>
    public override double RuleCondition(double x, double t) => Condition((a, b) => f.Derivative(a, b), x, Value<Plain>(x, t).Value);

    public override double Largest(double x, double t) => Math.Abs(x);

    public override (double[] Values, double[] Slopes) Engine<T>(double[] x, double[] t)
    {
        var input = Node.Input("x", Width);
        using var numbers = new Numbers<T>(new() { Threads = 1 }) { [input] = Grid<T>(x, (x.Length + Width - 1) / Width * Width) };
        var y = input.Apply(f);
        return (Doubles.Of(numbers.Value(y))[..x.Length], Doubles.Of(numbers.Gradients(y.Sum(), [input], zeros: true)[0])[..x.Length]);
    }

    protected override Tensor Twin(Tensor x, Tensor t)
    {
        using var twin = Twins.Of(f);
        return twin.call(x);
    }

    private bool IsKink(double x)
    {
        double Slope(double at) => f.Derivative<Plain>(at, f.Forward<Plain>(at)).Value;
        return Math.Abs(Slope(x * (1 - 1e-9)) - Slope(x * (1 + 1e-9))) > 1e-5 || (f is { Family: "softplus" } && x == f.Parameters[1] / f.Parameters[0]);
    }
}

/// <summary>A loss of one output.</summary>
internal sealed class AuditedLoss(Loss loss) : AuditedFormula("loss", loss.Name)
{
    /// <summary>Every one of the catalogue, and each with a parameter once more with another.</summary>
    public static IEnumerable<AuditedLoss> All => Loss.All.SelectMany(loss =>
        loss.Name.Split('(', ')') is [var family, var text, ..] && double.TryParse(text, out var parameter)
            ? [loss, Loss.Parse(FormattableString.Invariant($"{family}({0.75 * parameter})"))] : new[] { loss }).Select(loss => new AuditedLoss(loss));

    /// <summary>It itself.</summary>
    public Loss Function => loss;

    public override string ValueName => "ℓ";

    public override string SlopeName => "dℓ/dz";

    public override double[] Targets => loss.Name.Split('(')[0] switch
    {
        "softmargin" => [-1, 1],
        "poisson" => [0, 1, 7],
        "squarederror" or "absoluteerror" or "smoothl1" or "huber" or "pinball" => [0, 1, -2.5],
        _ => [0, 1, 0.25],
    };

    public override IEnumerable<double> SpecialPoints(double target) =>
    [
        double.NegativeInfinity, -1e4, target - 1, target - 0.75, target, target + 0.75, target + 1, 1e4, double.PositiveInfinity, double.NaN,
    ];

    public override string At(string x, string t) => $"z = {x}, t = {t}";

    public override TX Value<TX>(TX x, TX t) => loss.Value(x, t);

    public override TX Rule<TX>(TX x, TX t) => loss.Derivative(x, t);

    public override double RuleCondition(double x, double t) => Condition((a, b) => loss.Derivative(a, b), x, t);

    public override double Largest(double x, double t) => Math.Pow(Math.Abs(x) + Math.Abs(t), 2);

    /// <summary>By the engine's op, whose mean is that of one number for values; its slopes are shares of those of a mean.</summary>
    public override (double[] Values, double[] Slopes) Engine<T>(double[] x, double[] t)
    {
        var (z, targets, one, its) = (Node.Input("z", Width), Node.Input("t", Width), Node.Parameter("z", 1, 1), Node.State("t", 1, 1));
        // A mean of a power of two of terms: its shares are exact.
        var count = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(x.Length, Width));
        using var numbers = new Numbers<T>(new() { Threads = 1 }) { [z] = Grid<T>(x, count), [targets] = Grid<T>(t, count) };
        var slopes = Doubles.Of(numbers.Gradients(Node.MeanLoss(loss, z, targets), [z])[0])[..x.Length];
        using var single = new Numbers<T>(new() { Threads = 1 });
        var value = Node.MeanLoss(loss, one, its);
        var values = new double[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            single.Fill(one, T.CreateTruncating(x[i]));
            single.Fill(its, T.CreateTruncating(t[i]));
            values[i] = double.CreateTruncating(single.Scalar(value));
        }

        return (values, Array.ConvertAll(slopes, slope => slope * count));
    }

    protected override Tensor Twin(Tensor x, Tensor t) => Twins.Of(loss, x, t);
}
