using System.Diagnostics;

namespace Backprop.Training;

/// <summary>Tells how long training has taken, in this process and those before.</summary>
internal sealed class TrainingClock
{
    private readonly Lock changing = new();
    private readonly Stopwatch here = Stopwatch.StartNew();
    private TimeSpan earlier;

    /// <summary>The time since training began.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (changing)
            {
                return earlier + here.Elapsed;
            }
        }
    }

    /// <summary>Goes on from a time that was saved, unless it is later already.</summary>
    public void GoOnFrom(TimeSpan saved)
    {
        lock (changing)
        {
            var missing = saved - here.Elapsed;
            earlier = missing > earlier ? missing : earlier;
        }
    }
}
