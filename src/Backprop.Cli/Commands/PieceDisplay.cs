using Backprop.Cli.Auditing;
using Spectre.Console;

namespace Backprop.Cli.Commands;

/// <summary>Shows an audit piece by piece: a bar an area on a terminal, a line an area otherwise; what speaks against us at once.</summary>
internal static class PieceDisplay
{
    /// <summary>Runs the audit and shows what it reports.</summary>
    /// <param name="session">Where to.</param>
    /// <param name="pieces">All pieces.</param>
    /// <param name="run">Runs them; tells of each that is done.</param>
    public static AuditResult Show(Session session, IReadOnlyList<AuditPiece> pieces, Func<Action<AuditPiece, AuditResult>, AuditResult> run)
    {
        var areas = pieces.GroupBy(piece => piece.Area).ToDictionary(area => area.Key, area => area.Count());
        if (session.Live)
        {
            return session.Console.Progress().AutoClear(false).Start(display =>
            {
                var bars = areas.ToDictionary(area => area.Key, area => display.AddTask(area.Key, maxValue: area.Value));
                return run((piece, result) =>
                {
                    bars[piece.Area].Increment(1);
                    Disagreements(result, line => session.Console.MarkupLineInterpolated($"[red]{line}[/]"));
                });
            });
        }

        var left = new Dictionary<string, int>(areas);
        return run((piece, result) =>
        {
            Disagreements(result, session.Say);
            if (--left[piece.Area] == 0)
            {
                session.Say($"{piece.Area}: done, {areas[piece.Area]:N0} of {areas[piece.Area]:N0}");
            }
        });
    }

    private static void Disagreements(AuditResult result, Action<string> say)
    {
        foreach (var check in result.Cases.Where(check => check.Outcome == CaseOutcome.Failed))
        {
            say($"{check.Suite}: {check.Name}: {check.Message}");
        }
    }
}
