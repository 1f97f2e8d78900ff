using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;

namespace Backprop.Audit;

/// <summary>What libtorch says, if it can be asked.</summary>
internal static class TorchWitness
{
    /// <summary>Why it cannot make a training's steps, though it may have all of its parts; null where it can.</summary>
    /// <param name="model">The network.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="changesRate">Whether a schedule changes the learning rate.</param>
    public static string? WhyNotTrained(Model model, Optimizer optimizer, bool changesRate)
        => model.HasDropout ? "libtorch draws other dropout masks."
            : changesRate && optimizer is RAdam ? "TorchSharp's RAdam is right at a learning rate of 1 only."
            : null;

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
