namespace Backprop.Audit;

/// <summary>The time of one training step, engine and libtorch in turns; medians.</summary>
/// <param name="Network">The network's sizes.</param>
/// <param name="Batch">Rows of the batch.</param>
/// <param name="Optimizer">The optimizer.</param>
/// <param name="EngineMicroseconds">The engine's.</param>
/// <param name="EngineThreads">Its threads.</param>
/// <param name="TorchOneThreadMicroseconds">libtorch's on one thread.</param>
/// <param name="TorchBestMicroseconds">libtorch's at its better number of threads, of one and one per core.</param>
/// <param name="TorchBestThreads">That number.</param>
/// <param name="RatioOneThread">libtorch's on one thread over the engine's: above 1 the engine is faster.</param>
/// <param name="RatioBest">libtorch's best over the engine's.</param>
/// <param name="Spread">The widest interquartile range among them, relative to its median: how far the ratios can be trusted.</param>
/// <param name="Rounds">Turns that were timed.</param>
public sealed record TimingReport(
    string Network,
    int Batch,
    string Optimizer,
    double EngineMicroseconds,
    int EngineThreads,
    double TorchOneThreadMicroseconds,
    double TorchBestMicroseconds,
    int TorchBestThreads,
    double RatioOneThread,
    double RatioBest,
    double Spread,
    int Rounds);
