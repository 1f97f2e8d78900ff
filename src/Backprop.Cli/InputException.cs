namespace Backprop.Cli;

/// <summary>A mistake in what the user gave, told in one sentence: what, the value, the bound and the next step.</summary>
internal sealed class InputException(string message) : Exception(message);
