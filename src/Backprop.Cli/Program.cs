using System.Runtime.InteropServices;
using Backprop.Cli;

using var cancel = new CancellationTokenSource();

// The first signal asks the work to stop and tidy up; a second one ends the process as usual.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = !cancel.IsCancellationRequested;
    cancel.Cancel();
}

using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return BackpropTool.Run(args, Console.Out, Console.Error, cancel.Token);
