using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>Begins libtorch's random stream anew, and puts it back where it was when done.</summary>
internal sealed class TorchStream : IDisposable
{
    private readonly Tensor before;

    public TorchStream(long seed)
    {
        before = random.get_rng_state().DetachFromDisposeScope();
        manual_seed(seed);
    }

    public void Dispose()
    {
        random.set_rng_state(before);
        before.Dispose();
    }
}
