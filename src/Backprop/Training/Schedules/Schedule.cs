using System.Runtime.CompilerServices;
using Backprop.Formulas;

namespace Backprop.Training;

/// <summary>How the learning rate changes while training goes on.</summary>
/// <remarks>
/// The rate is a function of time alone, so that training resumes anywhere; only <see cref="PlateauRate"/> also looks at losses. Names
/// and formulas are those of PyTorch's schedulers with Rate for LR, and t is how often PyTorch's <c>scheduler.step()</c> was called.
/// </remarks>
public abstract record Schedule
{
    /// <summary>Every schedule there is, with its default settings.</summary>
    public static IReadOnlyList<Schedule> All { get; } =
    [
        new ConstantRate(),
        new StepRate(),
        new MultiStepRate(),
        new ExponentialRate(),
        new CosineRate(),
        new CosineRestartsRate(),
        new CosLogRate(),
        new FlatCosineRate(),
        new OneCycleRate(),
        new LinearRate(),
        new PolynomialRate(),
        new SequentialRate(),
        new PlateauRate(),
    ];

    /// <summary>The name in lower case, as options and the command line take it.</summary>
    public string Name => GetType().Name.Replace("Rate", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Whether time is counted in updates; otherwise in epochs.</summary>
    public bool ByUpdate { get; init; }

    /// <summary>The learning rate at a time.</summary>
    /// <param name="rate">The optimizer's own.</param>
    /// <param name="t">Epochs, or updates, that are done: 0 in the first.</param>
    /// <param name="total">How many of them training has at the most.</param>
    public abstract double Rate(double rate, long t, long total);

    /// <summary>The schedule of that name with its default settings.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Schedule Parse(string name) => Catalogue.Find(All, s => s.Name, name, "schedule");

    /// <summary>The value, if it is in bounds.</summary>
    protected static TValue Check<TValue>(TValue value, bool holds, string bound, [CallerMemberName] string name = "")
        => holds ? value : throw new ArgumentException($"{name} is {value}, not {bound}. Correct it.");

    /// <summary>The value, if it is finite and above 0.</summary>
    protected static double Positive(double value, [CallerMemberName] string name = "")
        => Check(value, value > 0 && double.IsFinite(value), "a finite number above 0", name);

    /// <summary>The value, if it is finite and not below 0.</summary>
    protected static double NotNegative(double value, [CallerMemberName] string name = "")
        => Check(value, value >= 0 && double.IsFinite(value), "a finite number, 0 or above", name);

    /// <summary>The value, if there is one and it is a length of time.</summary>
    protected static long? Length(long? value, [CallerMemberName] string name = "") => Check(value, value is null or >= 1, "1 or more", name);
}
