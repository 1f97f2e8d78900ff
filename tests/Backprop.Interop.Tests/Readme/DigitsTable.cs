using System.IO.Compression;

namespace Backprop.Interop.Tests.Readme;

/// <summary>The handwritten digits the tool carries: 64 pixels, then the digit.</summary>
internal static class DigitsTable
{
    internal static Stream Open()
        => new GZipStream(typeof(Backprop.Cli.BackpropTool).Assembly.GetManifestResourceStream("optdigits.train.csv.gz")!, CompressionMode.Decompress);

    /// <summary>Writes them as a CSV file.</summary>
    internal static void WriteTo(string path)
    {
        using var digits = Open();
        using var file = File.Create(path);
        digits.CopyTo(file);
    }
}
