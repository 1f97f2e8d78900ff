using System.Runtime.InteropServices;

namespace Backprop.Audit;

/// <summary>
/// TorchSharp's fault that comes and goes: it lets the garbage collector free temporary scalars that native code still reads, and errors or
/// wrong numbers come of it, but not twice. So what fails is run once more, whatever is forgiven is counted, and what fails again stands.
/// </summary>
internal static class TorchFault
{
    /// <summary>Whether an error can be its doing.</summary>
    public static bool CanThrow(Exception error) => error is ExternalException || error.Source == nameof(TorchSharp);

    /// <summary>Runs something, and once more where such an error ends it.</summary>
    /// <param name="run">It.</param>
    /// <returns>What it gives, and how often an error was forgiven: never or once.</returns>
    public static (TResult Result, int Forgiven) Run<TResult>(Func<TResult> run)
    {
        try
        {
            return (run(), 0);
        }
        catch (Exception error) when (CanThrow(error))
        {
            return (run(), 1);
        }
    }
}
