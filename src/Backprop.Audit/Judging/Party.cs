namespace Backprop.Audit;

/// <summary>Whose code an audit is of: the other's is what it is held against, beside the reference.</summary>
internal enum Party
{
    /// <summary>This engine's, or what is written for it.</summary>
    Ours,

    /// <summary>TorchSharp's, or what is made on it.</summary>
    Theirs,
}
