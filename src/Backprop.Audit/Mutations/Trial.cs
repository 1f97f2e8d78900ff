namespace Backprop.Audit.Mutations;

/// <summary>What a check says of an engine.</summary>
/// <param name="Passes">Whether it lets it pass.</param>
/// <param name="Where">Its worst finding, or the tensor or step where there is one.</param>
internal sealed record Outcome(bool Passes, string Where);

/// <summary>A check of the audit, once of the sound engine and once of one with a defect; all else is the same.</summary>
/// <param name="Check">The check.</param>
/// <param name="Injection">What the defect is handed in as.</param>
/// <param name="NeedsTorch">Whether it compares with libtorch.</param>
/// <param name="Sound">Checks the sound engine.</param>
/// <param name="Broken">Checks the one with the defect.</param>
internal sealed record Trial(string Check, string Injection, bool NeedsTorch, Func<Outcome> Sound, Func<Outcome> Broken);
