using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HDF.PInvoke;

/// <summary>
/// Finds libhdf5. Distributions name it in several ways (libhdf5.so.103, libhdf5_serial.so.103, libhdf5.so without a
/// version where the development package is installed), so "hdf5" alone is not enough for the loader. The first that
/// loads and is 1.10 or later is taken; HPCTRAIN_HDF5_LIB names one file instead, and then no other is tried.
/// Everything below 1.10 has 32-bit identifiers and would corrupt the stack, so it is refused by its version.
/// </summary>
internal static unsafe class NativeLibraryResolver
{
    internal const string PathVariable = "HPCTRAIN_HDF5_LIB";

    // Sonames: 103 is 1.10, 200 is 1.12, 310 is 1.14; "serial" is Debian's build without MPI.
    private static readonly string[] Candidates =
    [
        "libhdf5_serial.so.103", "libhdf5.so.103", "libhdf5_serial.so.310", "libhdf5.so.310", "libhdf5_serial.so.200", "libhdf5.so.200",
        "libhdf5_serial.so", "libhdf5.so", "libhdf5.dylib", "hdf5.dll",
    ];

    private static readonly Lazy<nint> Handle = new(() => Load(Environment.GetEnvironmentVariable(PathVariable)));

    /// <summary>The loaded library.</summary>
    /// <exception cref="DllNotFoundException">There is none, or it is too old; says what to do.</exception>
    internal static nint Library => Handle.Value;

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "The resolver must stand before the first call into HDF5, whichever class it is on.")]
    internal static void Install() =>
        NativeLibrary.SetDllImportResolver(typeof(NativeLibraryResolver).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == Constants.DLLFileName ? Library : 0;

    internal static nint Load(string? namedFile)
    {
        if (!string.IsNullOrEmpty(namedFile))
        {
            if (!NativeLibrary.TryLoad(namedFile, out var named))
                throw new DllNotFoundException(
                    $"The HDF5 library {namedFile}, which {PathVariable} names, cannot be loaded; set {PathVariable} to the full path of libhdf5.so.");
            return CheckVersion(named, namedFile);
        }
        foreach (var candidate in Candidates)
            if (NativeLibrary.TryLoad(candidate, out var handle))
                return CheckVersion(handle, candidate);
        throw new DllNotFoundException(
            "The HDF5 library (libhdf5.so, version 1.10 or later) is not installed; install it (Debian: apt install libhdf5-103-1), " +
            $"or set {PathVariable} to the full path of libhdf5.so.");
    }

    private static nint CheckVersion(nint handle, string file)
    {
        var version = ReadVersion(handle)
            ?? throw new DllNotFoundException(
                $"{file} is not an HDF5 library; set {PathVariable} to the full path of libhdf5.so.");
        return version >= new Version(1, 10)
            ? handle
            : throw new DllNotFoundException(
                $"The HDF5 library {file} is version {version}, but 1.10 or later is needed; " +
                $"install it, or set {PathVariable} to the full path of a newer libhdf5.so.");
    }

    /// <summary>
    /// The library's version, from a text that it exports: asking by a call would initialise the library, and then H5.dont_atexit
    /// comes too late. Only a library without that text is asked.
    /// </summary>
    private static Version? ReadVersion(nint handle)
    {
        if (NativeLibrary.TryGetExport(handle, "H5_lib_vers_info_g", out var text)
            && Marshal.PtrToStringUTF8(text)?.Split(' ')[^1] is { } word && Version.TryParse(word.Split('-')[0], out var version))
            return version;
        if (!NativeLibrary.TryGetExport(handle, "H5get_libversion", out var call))
            return null;
        uint major = 0, minor = 0, release = 0;
        _ = ((delegate* unmanaged[Cdecl]<uint*, uint*, uint*, int>)call)(&major, &minor, &release);
        return new Version((int)major, (int)minor, (int)release);
    }

    /// <summary>The identifier that the library holds in the global variable <paramref name="name"/>; HDF5 is initialised
    /// first.</summary>
    internal static long Global(string name)
    {
        _ = H5.open();
        return *(long*)NativeLibrary.GetExport(Library, name);
    }
}
