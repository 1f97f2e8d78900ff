namespace Backprop.Torch;

/// <summary>While it lives, libtorch uses so many threads for one operation; then as many as before.</summary>
public sealed class TorchThreads : IDisposable
{
    private readonly int before = TorchLibrary.Threads;

    /// <summary>Sets the threads.</summary>
    /// <exception cref="ArgumentException">The number is below 1.</exception>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded; the message says what to install.</exception>
    public TorchThreads(int threads) => TorchLibrary.Threads = threads;

    /// <inheritdoc/>
    public void Dispose() => TorchLibrary.Threads = before;
}
