namespace Backprop.Audit.Mutations;

/// <summary>What a check says of an engine.</summary>
/// <param name="Passes">Whether it lets it pass.</param>
/// <param name="Where">Its worst finding, or the tensor or step where there is one.</param>
internal sealed record TrialResult(bool Passes, string Where);

/// <summary>A check of the audit, once of the sound engine and once of one with a defect; all else is the same.</summary>
/// <param name="Check">The check.</param>
/// <param name="Injection">What the defect is handed in as.</param>
/// <param name="NeedsTorch">Whether it says nothing without libtorch.</param>
/// <param name="Sound">Checks the sound engine, with libtorch or without.</param>
/// <param name="Broken">Checks the one with the defect, likewise.</param>
internal sealed record Trial(string Check, string Injection, bool NeedsTorch, Func<bool, TrialResult> Sound, Func<bool, TrialResult> Broken);
