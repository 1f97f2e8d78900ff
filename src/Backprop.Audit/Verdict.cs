using System.Reflection;
using System.Text.Json.Serialization;

namespace Backprop.Audit;

/// <summary>Who is right, as far as a check can tell.</summary>
/// <remarks>In order of severity: of several verdicts the last in this order is the worst, and the one that stands for all.</remarks>
public enum Verdict
{
    /// <summary>Both are within what rounding explains of the reference.</summary>
    [JsonStringEnumMemberName("agrees")] Agrees,

    /// <summary>Ours is within what rounding explains; theirs, libtorch's or what was made on TorchSharp, is not.</summary>
    [JsonStringEnumMemberName("theirs worse")] TheirsWorse,

    /// <summary>
    /// Ours is further off than rounding explains, but no further than units at a kink do, whose sides could not be told; or errors
    /// are so large that formulas bend; or the numbers leave the range of float, or of double; or nothing but the engine's own rules says what a derivative is.
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
    // As JSON has them.
    private static readonly string[] words = [.. Enum.GetNames<Verdict>().Select(name
        => typeof(Verdict).GetField(name)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name)];

    extension(Verdict verdict)
    {
        /// <summary>Whether an audit fails by it: ours is worse, or there is no reference.</summary>
        public bool IsAgainstUs => verdict is Verdict.OursWorse or Verdict.ReferenceDoubtful;

        /// <summary>Whether it faults what is audited, or there is no reference; "undecided" does neither.</summary>
        internal bool Faults(Party audited) => verdict.IsAgainstUs || (audited == Party.Theirs && verdict == Verdict.TheirsWorse);

        /// <summary>The verdict in words, as "ours worse".</summary>
        public string Words => words[(int)verdict];
    }
}
