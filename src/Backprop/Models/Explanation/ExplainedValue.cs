namespace Backprop.Models;

/// <summary>What of an output is differentiated, where its score is not its logit.</summary>
public enum ExplainedValue
{
    /// <summary>
    /// The logit: of a class before softmax, of a count before the exponential, of a variance its logarithm. Gradients do not vanish where
    /// a probability is near 0 or 1. Of every other output it is the score, in the label's units.
    /// </summary>
    Logit,

    /// <summary>
    /// What <see cref="Network{T}.Score(ReadOnlySpan{T}, Span{T}, int)"/> gives: a class's probability, a count's rate, a variance, or the logit of
    /// binary.
    /// </summary>
    Score,
}
