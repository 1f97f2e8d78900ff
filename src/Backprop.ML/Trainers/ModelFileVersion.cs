using Microsoft.ML;

namespace Backprop.ML;

/// <summary>The header under which a part of a model file is saved, and by which ML.NET finds its loader.</summary>
internal static class ModelFileVersion
{
    /// <summary>Of model parameters: the second, since reports tell the member.</summary>
    internal const uint Parameters = 0x00010002;

    private const uint First = 0x00010001;

    /// <param name="modelSignature">Exactly 8 characters.</param>
    /// <param name="loaderSignature">At most 24 characters, the name in the LoadableClass attribute.</param>
    /// <param name="version">Of this part alone; raised when its bytes change.</param>
    internal static VersionInfo Of(string modelSignature, string loaderSignature, uint version = First)
        => new(
            modelSignature,
            verWrittenCur: version,
            verReadableCur: version,
            verWeCanReadBack: version,
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
