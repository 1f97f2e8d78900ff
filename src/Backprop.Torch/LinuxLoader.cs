using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TorchSharp;

namespace Backprop.Torch;

/// <summary>Loads TorchSharp's native library on Linux systems whose C++ library is too old for it, such as Debian 12.</summary>
/// <remarks>
/// libLibTorchSharp.so asks for GLIBCXX_3.4.32 (GCC 13) because of one marker symbol that nothing in it refers to. A copy
/// that asks for it weakly loads. The copy lives in anonymous memory: no file to race for, to tamper with, or to clean up,
/// and installations may be read-only. Later look-ups find it by its own name among the libraries already loaded.
/// </remarks>
internal static partial class LinuxLoader
{
    private const string Library = "libLibTorchSharp.so", CppLibrary = "libstdc++.so.6", Version = "GLIBCXX_3.4.32";
    private const string Marker = "_ZSt21ios_base_library_initv";
    private const int Now = 2, CloseOnExec = 1;

    /// <summary>Does nothing on other systems, or where the C++ library is new enough.</summary>
    /// <exception cref="DllNotFoundException">A library is missing or cannot be loaded; the message says what to install.</exception>
    public static void Prepare()
    {
        if (!OperatingSystem.IsLinux() || (NativeLibrary.TryLoad(CppLibrary, out var cpp) && NativeLibrary.TryGetExport(cpp, Marker, out _)))
        {
            return;
        }

        var (library, torchLibrary) = (Find(Library), Find("libtorch.so"));
        if (ElfVersionNeeds.Weaken(File.ReadAllBytes(library), CppLibrary, Version) is not { } copy)
        {
            return;
        }

        try
        {
            NativeLibrary.Load(torchLibrary); // and with it all that the copy needs
            LoadFromMemory(copy);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or IOException)
        {
            throw new DllNotFoundException(
                $"{library} cannot be loaded: this system's {CppLibrary} lacks {Version}. Install the libstdc++6 of GCC 13 or newer "
                + $"(it comes with Debian 13 and Ubuntu 24.04). {e.Message.Trim()}", e);
        }
    }

    private static void LoadFromMemory(byte[] copy)
    {
        var descriptor = CreateMemoryFile(Library, CloseOnExec);
        if (descriptor < 0)
        {
            throw new IOException($"A file in memory cannot be made: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        // Stays open: the loader knows the library by this path, so the number must not be used again.
        var file = new SafeFileHandle(descriptor, ownsHandle: false);
        RandomAccess.Write(file, copy, 0);

        // All symbols are bound now, so that a missing one is an error here and not the end of the process later.
        if (Open($"/proc/self/fd/{descriptor}", Now) == 0)
        {
            throw new DllNotFoundException(Marshal.PtrToStringUTF8(Error()));
        }
    }

    private static string Find(string library)
    {
        var listed = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        string[] directories =
            [.. listed.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries), Path.GetDirectoryName(typeof(torch).Assembly.Location) ?? ""];
        return directories.Select(directory => Path.Combine(directory, library)).FirstOrDefault(File.Exists)
            ?? throw new DllNotFoundException(
                $"{library} is in none of {string.Join(", ", directories.Distinct())}. Reference the package TorchSharp-cpu in the program itself.");
    }

    [LibraryImport("libc.so.6", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport("libc.so.6", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int mode);

    [LibraryImport("libc.so.6", EntryPoint = "dlerror")]
    private static partial nint Error();
}
