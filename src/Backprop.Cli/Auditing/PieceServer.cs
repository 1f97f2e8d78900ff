using System.Globalization;
using System.Text.Json;
using Backprop.Audit;

namespace Backprop.Cli.Auditing;

/// <summary>A line that a process doing pieces writes: what it begins with, or what came of it.</summary>
/// <param name="At">What is at work from now on.</param>
/// <param name="Result">What came of the piece asked for.</param>
internal sealed record PieceLine(string? At, AuditResult? Result)
{
    private static readonly JsonSerializerOptions options = new(AuditJson.Options) { WriteIndented = false };

    /// <summary>Reads a line; null where it is none, such as a word that a native library writes.</summary>
    public static PieceLine? Parse(string line)
    {
        try
        {
            return line.StartsWith('{') ? JsonSerializer.Deserialize<PieceLine>(line, options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => JsonSerializer.Serialize(this, options);
}

/// <summary>The side of another process: does one piece after the other, as asked for.</summary>
internal static class PieceServer
{
    /// <summary>Reads numbers of pieces, a line each, until there are no more; answers in <see cref="PieceLine"/>s.</summary>
    public static int Serve(IReadOnlyList<AuditPiece> pieces, TextReader requests, TextWriter answers)
    {
        while (requests.ReadLine() is { } request)
        {
            var piece = pieces[int.Parse(request, CultureInfo.InvariantCulture)];
            void Write(PieceLine line)
            {
                answers.WriteLine(line);
                answers.Flush();
            }

            Write(new(piece.Name, null));
            Write(new(null, Run(piece, at => Write(new(at, null)))));
        }

        return BackpropTool.Ok;
    }

    private static AuditResult Run(AuditPiece piece, Action<string> at)
    {
        try
        {
            return piece.Run(at);
        }
        catch (Exception e) when (e is DllNotFoundException or NotSupportedException)
        {
            // libtorch is missing, or cannot do it.
            return new() { NotRun = [new(piece.ToString(), e.Message)] };
        }
        catch (Exception e)
        {
            var where = $"{e.GetType().Name}: {e.Message}";
            return new() { Findings = [new(piece.Area, piece.Name, "runs to its end", Verdict.OursWorse, double.PositiveInfinity, where)] };
        }
    }
}
