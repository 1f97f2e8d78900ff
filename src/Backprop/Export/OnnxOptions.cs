namespace Backprop.Export;

/// <summary>How a network is written as an ONNX model.</summary>
public sealed record OnnxOptions
{
    /// <summary>The name of the number of rows, which a run decides.</summary>
    public const string RowsDimension = "rows";

    /// <summary>The name of the input, rows × features.</summary>
    public string Features { get; init; } = "features";

    /// <summary>The name of the output, rows × outputs, which is what <c>Network.Score</c> gives.</summary>
    public string Scores { get; init; } = "scores";

    /// <summary>The name of a second output of networks with binary heads: the logistic function of each such head's score, side by side.</summary>
    public string Probabilities { get; init; } = "probabilities";

    /// <summary>What is done to features first; null for nothing.</summary>
    public FeatureScaling? Scaling { get; init; }

    /// <summary>Refuses names that would be confused.</summary>
    /// <exception cref="ArgumentException">One is empty, or there twice.</exception>
    internal void Require()
    {
        string[] names = [Features, Scores, Probabilities];
        if (names.Any(string.IsNullOrEmpty) || names.Distinct().Count() < names.Length)
        {
            throw new ArgumentException(
                $"The names {string.Join(", ", names.Select(name => $"'{name}'"))} of input and outputs are not all there and different. Correct one.");
        }
    }
}
