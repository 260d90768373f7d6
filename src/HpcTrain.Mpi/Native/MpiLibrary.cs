using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace HpcTrain.Mpi;

/// <summary>A loaded MPI library: where it is, which ABI it speaks, and its exported functions.</summary>
internal sealed unsafe class MpiLibrary
{
    private readonly nint _handle;

    private MpiLibrary(nint handle, string path, MpiFlavor flavor)
    {
        _handle = handle;
        Path = path;
        Abi = new MpiAbi(MpiAbiTable.Of(flavor), name => Export(name));
    }

    /// <summary>The library of this process; set once, before <see cref="MpiCalls"/> is first touched.</summary>
    public static MpiLibrary? Active { get; private set; }

    /// <summary>Full path of the file, as the dynamic linker mapped it.</summary>
    public string Path { get; }

    public MpiAbi Abi { get; }

    public MpiFlavor Flavor => Abi.Flavor;

    /// <summary>Loads a library by path or soname.</summary>
    /// <param name="name">Path or soname.</param>
    /// <param name="library">The library, if it loads and is an MPI library.</param>
    /// <param name="problem">Otherwise why not: what the dynamic linker said.</param>
    public static bool TryLoad(string name, out MpiLibrary? library, out string problem)
    {
        library = null;
        problem = "";
        PrepareEnvironment();
        nint handle;
        try
        {
            handle = NativeLibrary.Load(name);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            // The runtime's own text is a page about strace and every place it tried.
            problem = name.Contains('/', StringComparison.Ordinal) && !File.Exists(name)
                ? "there is no such file; correct the path or unset it"
                : "the loader does not find it or one of the libraries that it needs (ldd tells which); load the MPI's module or name another";
            return false;
        }

        if (!NativeLibrary.TryGetExport(handle, "MPI_Init_thread", out var anyFunction))
        {
            problem = $"{name} has no MPI_Init_thread: it is not an MPI library";
            return false;
        }

        library = new MpiLibrary(handle, MappedFiles.PathOf(anyFunction) ?? name, DetectFlavor(handle));
        return true;
    }

    /// <summary>Makes this library the one that <see cref="MpiCalls"/> binds.</summary>
    /// <exception cref="MpiException">The library lacks a function that HpcTrain needs.</exception>
    public void Activate()
    {
        Active = this;
        try
        {
            RuntimeHelpers.RunClassConstructor(typeof(MpiCalls).TypeHandle);
        }
        catch (TypeInitializationException e) when (e.InnerException is MpiException inner)
        {
            throw inner;
        }
    }

    public nint Export(string name) =>
        NativeLibrary.TryGetExport(_handle, name, out var address) ? address : throw new MpiException(
            $"{Path} does not export {name}: HpcTrain needs an MPI 3.0 library or newer.", name);

    public nint ExportOrZero(string name) => NativeLibrary.TryGetExport(_handle, name, out var address) ? address : 0;

    /// <summary>What MPI_Get_library_version says; MPI allows the call before initialisation.</summary>
    public string ReadVersion()
    {
        var getVersion = (delegate* unmanaged<byte*, int*, int>)Export("MPI_Get_library_version");

        // A guard beyond the ABI's maximum: a library may be newer than its table.
        var text = new byte[Math.Max(Abi.MaxLibraryVersion, 8192) + 1];
        var length = 0;
        fixed (byte* pointer = text)
            _ = getVersion(pointer, &length);
        return Encoding.UTF8.GetString(text, 0, Math.Clamp(length, 0, text.Length)).TrimEnd('\0', '\n', ' ');
    }

    private static MpiFlavor DetectFlavor(nint handle)
    {
        if (NativeLibrary.TryGetExport(handle, "MPI_Abi_get_version", out var getVersion))
        {
            int major = 0, minor = 0;
            _ = ((delegate* unmanaged<int*, int*, int>)getVersion)(&major, &minor);
            if (major > 0)
                return MpiFlavor.StandardAbi;
        }

        return NativeLibrary.TryGetExport(handle, "ompi_mpi_comm_self", out _) ? MpiFlavor.OpenMpi : MpiFlavor.Mpich;
    }

    /// <summary>
    /// UCX (under MPICH, sometimes under Open MPI) catches SIGSEGV when it loads and would turn a managed
    /// NullReferenceException into a kill. The signals left to it are those that .NET does not use.
    /// </summary>
    private static void PrepareEnvironment() =>
        NativeProcess.SetVariableIfAbsent("UCX_ERROR_SIGNALS", "SIGILL,SIGBUS,SIGFPE");
}
