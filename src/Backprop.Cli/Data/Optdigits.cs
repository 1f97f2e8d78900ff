using System.IO.Compression;

namespace Backprop.Cli.Data;

/// <summary>The sample of the demo: 5,620 handwritten digits.</summary>
internal static class Optdigits
{
    /// <summary>Whose work it is, as its licence asks to be said.</summary>
    public const string Attribution =
        "Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0";

    /// <summary>The column to predict: 0 to 9.</summary>
    public const string Label = "digit";

    /// <summary>4,496 rows to train on.</summary>
    public static CsvSource Train { get; } = Embedded("optdigits.train.csv");

    /// <summary>1,124 rows to test on.</summary>
    public static CsvSource Test { get; } = Embedded("optdigits.test.csv");

    private static CsvSource Embedded(string name) => new(
        $"the sample {name}",
        () => new GZipStream(typeof(Optdigits).Assembly.GetManifestResourceStream($"{name}.gz")!, CompressionMode.Decompress));
}
