using Backprop.Torch;

namespace Backprop.Audit;

/// <summary>What libtorch says, if it can be asked.</summary>
internal static class TorchWitness
{
    /// <summary>Its answer; or why there is none: it cannot be loaded, or has no such thing.</summary>
    public static (TAnswer? Answer, string? Missing) Ask<TAnswer>(Func<TAnswer> answer)
    {
        try
        {
            TorchLibrary.EnsureLoaded();
            return (answer(), null);
        }
        catch (Exception error) when (error is DllNotFoundException or NotSupportedException)
        {
            return (default, error.Message);
        }
    }
}
