using Microsoft.ML;

namespace Backprop.ML;

/// <summary>The header under which a part of a model file is saved, and by which ML.NET finds its loader.</summary>
internal static class ModelFileVersion
{
    // In the history, 0x00010001 had no accuracies, 0x00010002 no learning rates and 0x00010003 no errors in the label's units.
    private const uint Current = 0x00010004;

    /// <param name="modelSignature">Exactly 8 characters.</param>
    /// <param name="loaderSignature">At most 24 characters, the name in the LoadableClass attribute.</param>
    internal static VersionInfo Of(string modelSignature, string loaderSignature)
        => new(
            modelSignature,
            verWrittenCur: Current,
            verReadableCur: Current,
            verWeCanReadBack: Current,
            loaderSignature: loaderSignature,
            // The simple name: with the full one a model would not load under an earlier version of this assembly.
            loaderAssemblyName: typeof(ModelFileVersion).Assembly.GetName().Name);

    /// <summary>The context, found to hold a part of that version.</summary>
    internal static ModelLoadContext Checked(this ModelLoadContext context, VersionInfo version)
    {
        context.CheckAtModel(version);
        return context;
    }
}
