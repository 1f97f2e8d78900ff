using System.Text.Json.Nodes;

namespace Backprop.Comparisons.Measuring;

/// <summary>One row of a table: some work, how much of it there is, and who does it.</summary>
/// <param name="Bench">The table.</param>
internal abstract record Case(string Bench)
{
    /// <summary>What tells the case from others of its table.</summary>
    public abstract string Name { get; }

    /// <summary>The same as JSON fields.</summary>
    public abstract JsonObject Fields { get; }

    /// <summary>Who does it, the engine first.</summary>
    public abstract IReadOnlyList<Entrant> Entrants { get; }

    /// <summary>Multiplications and additions of the matrix products; 0 where there are none to speak of.</summary>
    public virtual double Operations => 0;

    /// <summary>Rows that one run works through; 0 where there are none.</summary>
    public virtual int Rows => 0;

    /// <summary>Numbers that one run computes, where that is the field's unit; otherwise 0.</summary>
    public virtual int Elements => 0;

    /// <summary>Whether the numbers are doubles: their peak is another.</summary>
    public virtual bool IsDouble => false;

    /// <summary>Requires that a contender did the work it is timed for.</summary>
    /// <param name="entrant">The contender.</param>
    /// <param name="results">Its results.</param>
    /// <param name="ours">The engine's.</param>
    /// <exception cref="InvalidOperationException">It did not.</exception>
    public abstract void Check(Entrant entrant, double[] results, double[] ours);

    /// <summary>Measures it: by default, all entrants in turns.</summary>
    public virtual Outcome Measure(int rounds) => Match.Of(this, rounds);

    /// <summary>What else the outcome says, under the names of JSON fields.</summary>
    public virtual JsonObject Extras(Outcome outcome) => [];

    /// <inheritdoc/>
    public sealed override string ToString() => $"{Bench} {Name}";

    /// <summary>Requires ‖results − ours‖ ≤ tolerance · ‖ours‖.</summary>
    protected void RequireAgreement(Entrant entrant, double[] results, double[] ours, double tolerance)
    {
        var distance = results.Length == ours.Length ? Norm(results.Zip(ours, (a, b) => a - b)) / Norm(ours) : double.NaN;
        if (!(distance <= tolerance))
        {
            throw new InvalidOperationException(
                $"{this}: the results of {entrant} and of the engine differ by {distance:G3}, more than {tolerance:G3}. There is nothing to compare.");
        }
    }

    private static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(x => x * x));
}
