using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Backprop.Kernels;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>
/// Trains one network, or several of one description: one after the other, or small ones some at a time, each on threads of its own. None
/// depends on another, so that this changes no bit.
/// </summary>
/// <param name="model">What each is.</param>
/// <param name="start">A network to train further, alone; or null.</param>
/// <param name="rowsOf">The rows to learn from, and to choose the best epoch on, of each.</param>
/// <param name="labelUnit">What 1 in the labels that are trained on is in the label's own units, where there is one target.</param>
/// <param name="options">How each is trained.</param>
internal sealed class Members<T>(
    Model model,
    Network<T>? start,
    Func<int, (RowSource<T> Training, RowSource<T> Validation)> rowsOf,
    double labelUnit,
    TrainingOptions options) where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int count = start is null ? options.Members : 1;
    private readonly TrainingClock clock = new();
    private readonly Lock reporting = new();
    private Func<int, IStateKeeper?> keeperOf = _ => null;

    // Of those that a checkpoint was told apart by and that are still to be trained: their weights come to be the trained ones.
    private (Weights<T> Weights, TorchRandom Random)?[] begun = [];

    /// <summary>Trains them.</summary>
    /// <returns>Those that were trained, in order: at least one of them without failure.</returns>
    /// <exception cref="ArgumentException">All of them together are too large for one network, or rows do not count.</exception>
    /// <exception cref="ArithmeticException">No epoch of any had finite weights and losses.</exception>
    /// <exception cref="InvalidDataException">The checkpoint is damaged, or of another run.</exception>
    /// <exception cref="OperationCanceledException">Training was cancelled, and is not to give the best so far or has none.</exception>
    public IReadOnlyList<TrainedNetwork<T>> Train(CancellationToken cancellation)
    {
        Ensemble.Of([.. Enumerable.Repeat(model, count)]);
        begun = new (Weights<T>, TorchRandom)?[count];
        keeperOf = Keepers(cancellation);
        var atATime = AtATime();
        var networks = new TrainedNetwork<T>?[count];
        if (atATime == 1)
        {
            for (var member = 0; member < count && networks.Take(member).All(one => one is { IsStopped: false }); member++)
            {
                networks[member] = Train(member, options.Engine, cancellation);
            }
        }
        else
        {
            TrainAtATime(atATime, networks, cancellation);
        }

        TrainedNetwork<T>[] trained = [.. networks.OfType<TrainedNetwork<T>>()];
        if (trained.Length == 0)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return Array.Exists(trained, member => member.Failure is null) ? trained : throw trained[0].Failure!;
    }

    private int Threads => options.Engine.Threads == 0 ? Environment.ProcessorCount : options.Engine.Threads;

    /// <summary>
    /// How many are trained at a time: as many as there are threads, if what a step of each works on fits a core's own cache, where more
    /// threads would gain little. One, where what is asked between epochs decides about all, or memory is bounded.
    /// </summary>
    private int AtATime() => options.StopWhen is null && options.MemoryCap is null && model.Parameters * Unsafe.SizeOf<T>() <= CacheSizes.OwnBytes
        ? Math.Clamp(Threads, 1, count)
        : 1;

    private void TrainAtATime(int atATime, TrainedNetwork<T>?[] networks, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var (next, failure) = (-1, (ExceptionDispatchInfo?)null);
        Task[] others = [.. Enumerable.Range(1, atATime - 1).Select(_ => Task.Factory.StartNew(
            TrainNext, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        TrainNext();
        Task.WaitAll(others, CancellationToken.None);
        if (failure is { SourceException: OperationCanceledException })
        {
            cancellation.ThrowIfCancellationRequested();
        }

        failure?.Throw();

        void TrainNext()
        {
            try
            {
                while (Interlocked.Increment(ref next) is var member && member < count)
                {
                    networks[member] = Train(member, options.Engine with { Threads = Threads / atATime }, ending.Token);
                }
            }
            catch (Exception exception)
            {
                // The first is thrown again where all have ended.
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
                ending.Cancel();
            }
        }
    }

    /// <summary>Trains one; null if it was cancelled before an epoch was finished, and others may have finished more.</summary>
    private TrainedNetwork<T>? Train(int member, EngineOptions engine, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            var (training, validation) = rowsOf(member);
            Checks.Counted(training, model, "training");
            Checks.Counted(validation, model, "validation");
            var own = OptionsOf(member) with { Engine = engine };
            var (weights, random) = begun[member] ?? Begin(training, own);
            begun[member] = null;
            using var epochs = new Epochs<T>(weights, training, validation, own, random);
            var run = new TrainingRun<T>(epochs, weights, own, keeperOf(member))
            {
                StartsTrained = start is not null,
                LabelUnit = labelUnit,
                Member = member + 1,
                Members = count,
                Clock = clock,
            };
            var history = run.Run(cancellation);
            return new(weights, history, run.Failure, run.IsStopped);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested && options.ReturnBestWhenCancelled)
        {
            return null;
        }
    }

    /// <summary>First weights, and the stream they were drawn from, on which dropout's masks follow, as in PyTorch.</summary>
    private (Weights<T> Weights, TorchRandom Random) Begin(RowSource<T> training, TrainingOptions own)
    {
        var random = new TorchRandom(own.Seed);
        var weights = start?.CopyWeights() ?? Drawn(training, own, random);
        Checks.Start(weights);
        return (weights, random);
    }

    /// <summary>
    /// First weights: drawn, or read off the training rows where a layer is fitted to them, which may also change the network's inner widths.
    /// </summary>
    private Weights<T> Drawn(RowSource<T> training, TrainingOptions own, TorchRandom random)
    {
        Weights<T> Draw(Model of) => Initializers.Of<T>(
            of, random, options.InitialWeights, options.InitialBiases, options.InitialOutputWeights, options.InitialOutputBiases,
            () => training.MeanRates(of.Targets));
        if (!LayerFits<T>.AreNeeded(model))
        {
            return Draw(model);
        }

        var most = FeatureSample<T>.MostRowsOfAFile(options.MemoryCap, model.Inputs);
        var fits = new LayerFits<T>(model, training.Sample(most, new(Streams.Of(own.Seed, Streams.Fits))));
        var weights = Draw(fits.Fit());
        fits.WriteTo(weights);
        return weights;
    }

    private TrainingOptions OptionsOf(int member) => options with
    {
        Seed = Streams.OfMember(options.Seed, member),
        Progress = options.Progress is null ? null : Report,
    };

    private void Report(EpochReport report)
    {
        lock (reporting)
        {
            options.Progress!(report);
        }
    }

    /// <summary>Where each keeps its state: a file of its own for one network, one file for several.</summary>
    private Func<int, IStateKeeper?> Keepers(CancellationToken cancellation)
    {
        if (options.Checkpoint is not { } saving)
        {
            return _ => null;
        }

        byte[][] identities = [.. Enumerable.Range(0, count).Select(Identity)];
        if (identities is [var only])
        {
            var file = new Checkpoint(saving.Path, only);
            return _ => file;
        }

        var states = new MemberStates(new(saving.Path, SHA256.HashData([.. identities.SelectMany(identity => identity)])), count);
        states.TryLoad();
        return states.Of;

        byte[] Identity(int member)
        {
            cancellation.ThrowIfCancellationRequested();
            var own = OptionsOf(member);
            var (training, validation) = rowsOf(member);
            var first = Begin(training, own);
            begun[member] = first;
            return RunIdentity.Of(first.Weights, start is not null, own, training, validation);
        }
    }
}
