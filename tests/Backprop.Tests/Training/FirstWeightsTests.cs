using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>First weights are drawn once for each network that is trained, and for no other.</summary>
public sealed class FirstWeightsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("backprop").FullName;

    private static TrainingOptions Options => new() { Epochs = 3, BatchSize = 16, Engine = Catalogue.Engine(1, null) };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory, InlineData(1), InlineData(3)]
    public void ACheckpointDrawsNoFirstWeightsTwice(int members)
    {
        int Drawn(CheckpointOptions? checkpoint)
        {
            var drawn = 0;
            var options = Options with { Members = members, InitialWeights = new Counted(() => drawn++), Checkpoint = checkpoint };
            Trainer.Fit(Streamed.Network, Streamed.Classes(300), options);
            return drawn;
        }

        Assert.Equal(Drawn(null), Drawn(new(Path.Combine(folder, "run.checkpoint"))));
    }

    [Theory, InlineData(true), InlineData(false)]
    public void NoneIsBegunOnceItIsCancelled(bool returnsBest)
    {
        const int AtATime = 2;
        var (table, drawn) = (Streamed.Classes(300), 0);
        var initial = new Counted(() => Interlocked.Increment(ref drawn));
        var options = Options with { InitialWeights = initial, Engine = Catalogue.Engine(AtATime, null), ReturnBestWhenCancelled = returnsBest };
        Trainer.Fit(Streamed.Network, table, options with { Members = 1 });
        var ofOne = Interlocked.Exchange(ref drawn, 0);
        using var source = new CancellationTokenSource();
        void Fit() => Trainer.Fit(Streamed.Network, table, options with { Members = 6, Progress = _ => source.Cancel() }, cancellation: source.Token);
        if (returnsBest)
        {
            Fit();
        }
        else
        {
            Assert.Throws<OperationCanceledException>(Fit);
        }

        // Before the first report nobody has come to a second.
        Assert.InRange(drawn, ofOne, AtATime * ofOne);
    }

    /// <summary>The usual weights, of which somebody counts the matrices.</summary>
    private sealed record Counted(Action Count) : Initializer
    {
        public override void Fill<T>(Span<T> values, int fanIn, int fanOut, TorchRandom random)
        {
            Count();
            new DefaultWeights().Fill(values, fanIn, fanOut, random);
        }
    }
}
