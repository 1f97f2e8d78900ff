using System.Text.Json.Serialization;

namespace Backprop.Audit;

/// <summary>Who is right, as far as a check can tell.</summary>
public enum Verdict
{
    /// <summary>Both are within what rounding explains of the reference.</summary>
    [JsonStringEnumMemberName("agrees")] Agrees,

    /// <summary>Ours is within what rounding explains; theirs, libtorch's or what was made on TorchSharp, is not.</summary>
    [JsonStringEnumMemberName("theirs worse")] TheirsWorse,

    /// <summary>
    /// Ours is further off than rounding explains, but no further than units at a kink do, whose sides could not be told; or the numbers
    /// leave the range of float, or of double.
    /// </summary>
    [JsonStringEnumMemberName("undecided")] Undecided,

    /// <summary>The witnesses in double contradict each other, so that there is nothing to hold either side to.</summary>
    [JsonStringEnumMemberName("reference doubtful")] ReferenceDoubtful,

    /// <summary>Ours is further off than rounding explains, whatever theirs is.</summary>
    [JsonStringEnumMemberName("ours worse")] OursWorse,
}

/// <summary>What follows from a verdict.</summary>
public static class Verdicts
{
    extension(Verdict verdict)
    {
        /// <summary>Whether an audit fails by it: ours is worse, or there is no reference.</summary>
        public bool IsAgainstUs => verdict is Verdict.OursWorse or Verdict.ReferenceDoubtful;

        /// <summary>Whether it faults what is audited, or nobody can tell.</summary>
        internal bool Faults(Party audited) => verdict.IsAgainstUs || (audited == Party.Theirs && verdict == Verdict.TheirsWorse);

        /// <summary>The verdict in words, as "ours worse".</summary>
        public string Words => verdict switch
        {
            Verdict.Agrees => "agrees",
            Verdict.TheirsWorse => "theirs worse",
            Verdict.Undecided => "undecided",
            Verdict.ReferenceDoubtful => "reference doubtful",
            _ => "ours worse",
        };
    }
}
