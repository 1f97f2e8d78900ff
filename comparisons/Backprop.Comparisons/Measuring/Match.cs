using Backprop.Audit;

namespace Backprop.Comparisons.Measuring;

/// <summary>Has a case's entrants do their work: checked to agree, then timed in turns.</summary>
internal static class Match
{
    /// <summary>Measures a case.</summary>
    /// <exception cref="InvalidOperationException">Results differ.</exception>
    public static Outcome Of(Case measured, int rounds)
    {
        var (ready, missing) = (new List<(Entrant Entrant, Contender Contender, double[] Results)>(), new List<string>());
        var peak = Peak.Of(measured.IsDouble);
        try
        {
            foreach (var entrant in measured.Entrants)
            {
                if (TryEnter(entrant, missing) is not var (contender, results))
                {
                    continue;
                }

                // A library may decide for fewer threads than it is allowed: that counts once, under the threads it runs on.
                var runs = entrant with { Threads = contender.Threads };
                if (ready.Any(r => (r.Entrant.Library, r.Entrant.Threads) == (runs.Library, runs.Threads)))
                {
                    contender.Dispose();
                }
                else
                {
                    ready.Add((runs, contender, results));
                }
            }

            ready.ForEach(r => measured.Check(r.Entrant, r.Results, ready[0].Results));
            var contenders = ready.Select(r => r.Contender);
            var timings = Turns.Measure([.. measured.Operations > 0 ? contenders.Append(peak) : contenders], rounds);
            return new(
                measured,
                [.. ready.Zip(timings, (r, timing) => new Line(r.Entrant, timing, r.Results))],
                missing,
                measured.Operations > 0 ? peak.Gflops : 0,
                rounds);
        }
        finally
        {
            ready.ForEach(r => r.Contender.Dispose());
        }
    }

    /// <summary>Makes a contender ready; null if it cannot run here.</summary>
    private static (Contender Contender, double[] Results)? TryEnter(Entrant entrant, List<string> missing)
    {
        Contender? contender = null;
        try
        {
            contender = entrant.Make();
            return (contender, contender.Results());
        }
        catch (Exception e) when (e.GetBaseException() is DllNotFoundException && entrant.Library != Library.Engine)
        {
            contender?.Dispose();
            missing.Add($"{entrant.Library.Name} was not measured: {e.GetBaseException().Message.ReplaceLineEndings(" ")}");
            return null;
        }
    }
}
