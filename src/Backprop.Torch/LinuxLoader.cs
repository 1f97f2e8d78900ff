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
    /// <summary>What to do where a file of libtorch is missing or damaged, for the user of a program and for its maker.</summary>
    public const string NextStep = "install this program again, or, where it is your own, restore the package TorchSharp-cpu that it references";

    private const string Library = "libLibTorchSharp.so", CppLibrary = "libstdc++.so.6", Version = "GLIBCXX_3.4.32";
    private const string Marker = "_ZSt21ios_base_library_initv";
    private const int Now = 2, CloseOnExec = 1;

    // What libLibTorchSharp.so needs of its package.
    private static readonly string[] libraries = ["libc10.so", "libtorch_cpu.so", "libtorch.so", Library];

    /// <summary>Does nothing on other systems; loads where the C++ library is not new enough.</summary>
    /// <exception cref="DllNotFoundException">A library is missing, damaged or cannot be loaded; the message says which, and what to do.</exception>
    public static void Prepare()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            foreach (var found in libraries.Select(Search).OfType<string>())
            {
                ElfLength.Require(found);
            }

            if (NativeLibrary.TryLoad(CppLibrary, out var cpp) && NativeLibrary.TryGetExport(cpp, Marker, out _))
            {
                return;
            }

            var (library, torchLibrary) = (Find(Library), Find("libtorch.so"));
            if (Weakened(library) is { } copy)
            {
                NativeLibrary.Load(torchLibrary); // and with it all that the copy needs
                LoadFromMemory(copy);
            }
        }
        catch (Exception e) when (e is DllNotFoundException or InvalidDataException or EntryPointNotFoundException
            or IOException or UnauthorizedAccessException)
        {
            // The loader's own words say which library, and which version of what it lacks.
            var next = e.Message.Contains("GLIBC", StringComparison.Ordinal)
                ? "install the libstdc++6 of GCC 13 or newer (it comes with Debian 13 and Ubuntu 24.04)" : NextStep;
            throw new DllNotFoundException($"libtorch cannot be loaded: {e.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.')}; {next}.", e);
        }
    }

    private static byte[]? Weakened(string library)
    {
        try
        {
            return ElfVersionNeeds.Weaken(File.ReadAllBytes(library), CppLibrary, Version);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{library} is damaged: {e.Message}", e);
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

    private static string[] Directories()
    {
        var listed = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        return [.. listed.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Append(Path.GetDirectoryName(typeof(torch).Assembly.Location) ?? "")
            .Select(Path.TrimEndingDirectorySeparator).Distinct()];
    }

    private static string? Search(string library) => Directories().Select(directory => Path.Combine(directory, library)).FirstOrDefault(File.Exists);

    private static string Find(string library)
        => Search(library) ?? throw new DllNotFoundException($"{library} is in none of {string.Join(", ", Directories())}");

    [LibraryImport("libc.so.6", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int CreateMemoryFile(string name, uint flags);

    [LibraryImport("libc.so.6", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int mode);

    [LibraryImport("libc.so.6", EntryPoint = "dlerror")]
    private static partial nint Error();
}
