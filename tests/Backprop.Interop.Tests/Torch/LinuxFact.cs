namespace Backprop.Interop.Tests.Torch;

/// <summary>A fact about Linux libraries: skipped, visibly, on other systems.</summary>
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute() => Skip = OperatingSystem.IsLinux() ? null : LinuxTheoryAttribute.Reason;
}

/// <summary>A theory about Linux libraries: skipped, visibly, on other systems.</summary>
public sealed class LinuxTheoryAttribute : TheoryAttribute
{
    internal const string Reason = "TorchSharp's Linux library is not in the output on this system.";

    public LinuxTheoryAttribute() => Skip = OperatingSystem.IsLinux() ? null : Reason;
}
