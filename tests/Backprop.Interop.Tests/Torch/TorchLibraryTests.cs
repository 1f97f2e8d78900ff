using System.Runtime.InteropServices;
using Backprop.Torch;
using TorchSharp;

namespace Backprop.Interop.Tests.Torch;

/// <summary>libtorch works after loading, whatever the system's C++ library.</summary>
[Collection(TorchCollection.Name)]
public sealed class TorchLibraryTests
{
    [Fact]
    public void LoadingTwiceIsLoadingOnce()
    {
        TorchLibrary.EnsureLoaded();
        TorchLibrary.EnsureLoaded();
        using var sum = torch.ones(2, 3).sum();
        Assert.Equal(6, sum.item<float>());
    }

    [Fact]
    public void ItsErrorsArriveAsExceptions()
    {
        using var a = torch.ones(2, 3);
        Assert.Throws<ExternalException>(() => torch.mm(a, a));
    }

    [Fact]
    public void ThreadsCanBeSet()
    {
        var before = TorchLibrary.Threads;
        TorchLibrary.Threads = 1;
        Assert.Equal(1, torch.get_num_threads());
        TorchLibrary.Threads = before;
        Assert.Contains("0 threads", Assert.Throws<ArgumentException>(() => TorchLibrary.Threads = 0).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ThreadsAreAsBeforeOnceAScopeEnds()
    {
        var before = TorchLibrary.Threads;
        using (new TorchThreads(before + 2))
        {
            Assert.Equal(before + 2, torch.get_num_threads());
            using (new TorchThreads(before + 1))
            {
                Assert.Equal(before + 1, torch.get_num_threads());
            }

            Assert.Equal(before + 2, torch.get_num_threads());
        }

        Assert.Equal(before, torch.get_num_threads());
        Assert.Throws<ArgumentException>(() => new TorchThreads(0));
        Assert.Equal(before, torch.get_num_threads());
    }
}
