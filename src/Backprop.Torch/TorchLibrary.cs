using TorchSharp;

namespace Backprop.Torch;

/// <summary>Loads libtorch, also where the system's C++ library is older than TorchSharp asks for.</summary>
public static class TorchLibrary
{
    private static readonly Lazy<bool> Loaded = new(Load);
    private static readonly Lazy<bool> Available = new(TryLoad);

    /// <summary>Whether libtorch is there and can be loaded; where it is not, <see cref="EnsureLoaded"/> says why.</summary>
    public static bool IsAvailable => Available.Value;

    /// <summary>The threads libtorch uses for one operation.</summary>
    /// <exception cref="ArgumentException">The number is below 1.</exception>
    public static int Threads
    {
        get
        {
            EnsureLoaded();
            return torch.get_num_threads();
        }

        set
        {
            if (value < 1)
            {
                throw new ArgumentException($"libtorch cannot run on {value} threads. Give 1 at least.");
            }

            EnsureLoaded();
            torch.set_num_threads(value);
        }
    }

    /// <summary>Why it is not even tried to load libtorch, as where that has ended another process; null where it is. To be set before anything else.</summary>
    internal static string? Refusal { get; set; }

    /// <summary>Loads libtorch once. The types of this assembly call it; call it yourself before using TorchSharp directly.</summary>
    /// <exception cref="DllNotFoundException">libtorch is missing, damaged or cannot be loaded; the message says which file, and what to do.</exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    private static bool TryLoad()
    {
        try
        {
            return Loaded.Value;
        }
        catch (DllNotFoundException)
        {
            return false;
        }
    }

    private static bool Load()
    {
        if (Refusal is not null)
        {
            throw new DllNotFoundException(Refusal);
        }

        LinuxLoader.Prepare();
        try
        {
            // Before any module is made: a module's constructor looks the native library up without torch's own loader.
            torch.InitializeDeviceType(DeviceType.CPU);
            return true;
        }
        catch (Exception e) when (e is TypeInitializationException or NotSupportedException or DllNotFoundException)
        {
            throw new DllNotFoundException($"libtorch cannot be loaded: {e.GetBaseException().Message.Trim().TrimEnd('.')}; {LinuxLoader.NextStep}.", e);
        }
    }
}
