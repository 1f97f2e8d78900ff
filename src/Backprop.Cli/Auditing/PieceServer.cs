using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Backprop.Audit;
using Backprop.Torch;

namespace Backprop.Cli.Auditing;

/// <summary>A line that a process doing pieces writes.</summary>
/// <param name="At">What is at work from now on.</param>
/// <param name="Result">What came of the piece asked for.</param>
/// <param name="IsReady">Whether libtorch is loaded, or is known to be missing.</param>
internal sealed record PieceLine(string? At = null, AuditResult? Result = null, bool IsReady = false)
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
    /// <remarks>Where the requests end while a piece is at work, whoever asked is gone, and this process ends itself.</remarks>
    public static int Serve(IReadOnlyList<AuditPiece> pieces, TextReader requests, TextWriter answers)
    {
        void Write(PieceLine line)
        {
            answers.WriteLine(line);
            answers.Flush();
        }

        var (queue, unanswered) = (new BlockingCollection<int>(), 0);
        new Thread(Read) { IsBackground = true }.Start();
        LoadTorch();
        Write(new(IsReady: true));
        foreach (var piece in queue.GetConsumingEnumerable().Select(number => pieces[number]))
        {
            var last = piece.Name;
            void At(string at) => Write(new(At: last = at));

            At(piece.Name);
            Write(new(Result: Run(piece, At, () => last)));
            Interlocked.Decrement(ref unanswered);
        }

        return BackpropTool.Ok;

        void Read()
        {
            while (requests.ReadLine() is { } request)
            {
                Interlocked.Increment(ref unanswered);
                queue.Add(int.Parse(request, CultureInfo.InvariantCulture));
            }

            queue.CompleteAdding();
            if (Volatile.Read(ref unanswered) > 0)
            {
                Process.GetCurrentProcess().Kill(); // not an exit, which waits for native threads
            }
        }
    }

    private static void LoadTorch()
    {
        try
        {
            TorchLibrary.Threads = 1; // other processes have the other cores
        }
        catch (DllNotFoundException)
        {
            // Each piece that needs it says so.
        }
    }

    private static AuditResult Run(AuditPiece piece, Action<string> at, Func<string> last)
    {
        try
        {
            return piece.Run(at);
        }
        catch (Exception e) when (e is DllNotFoundException or NotSupportedException)
        {
            // libtorch is missing, or cannot do it.
            return new() { NotRun = [new($"{piece}", e.Message)] };
        }
        catch (Exception e)
        {
            // Native errors have a trace below their first line.
            return new() { Unfinished = [new($"{piece}", $"{e.GetType().Name} while at {last()}: {e.Message.Split('\n')[0]}")] };
        }
    }
}
