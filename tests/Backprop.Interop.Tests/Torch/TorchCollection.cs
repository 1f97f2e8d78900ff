using Backprop.Torch;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Tests that use libtorch run one after another: its threads and its random stream belong to the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TorchCollection : ICollectionFixture<TorchCollection.Loaded>
{
    public const string Name = "libtorch";

    public sealed class Loaded
    {
        /// <summary>One thread: libtorch's threads wait spinning, which is slow beside other processes.</summary>
        public Loaded() => TorchLibrary.Threads = 1;
    }
}
