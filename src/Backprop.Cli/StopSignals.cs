using System.Runtime.InteropServices;

namespace Backprop.Cli;

/// <summary>Ctrl-C and kill as a token: the first asks the work to stop and tidy up, a second one ends the process as usual.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource cancel = new();
    private readonly PosixSignalRegistration interrupt;
    private readonly PosixSignalRegistration terminate;

    /// <summary>Listens.</summary>
    public StopSignals()
    {
        interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => cancel.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        interrupt.Dispose();
        terminate.Dispose();
        cancel.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        signal.Cancel = !cancel.IsCancellationRequested;
        cancel.Cancel();
    }
}
