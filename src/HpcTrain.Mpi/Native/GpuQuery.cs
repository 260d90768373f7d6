namespace HpcTrain.Mpi;

/// <summary>Asks a library whether it takes device memory.</summary>
internal static unsafe class GpuQuery
{
    // Idea. Each family says it in its own way, and what it says before MPI_Init differs from what it says after.
    // Open MPI: MPIX_Query_{cuda,rocm}_support, which answers no until MPI_Init has looked for a device; before, opal_built_with_{cuda,rocm}_support
    // says what it was built with. MPICH: MPIX_GPU_query_support, which ends the process when it is called before MPI_Init; its description says then
    // what it was configured with. Cray MPICH and MVAPICH2: a variable turns it on, and without it device memory is an invalid address.
    private const int MpichCuda = 0, MpichHip = 2;
    private const string CrayVariable = "MPICH_GPU_SUPPORT_ENABLED", MvapichCudaVariable = "MV2_USE_CUDA", MvapichRocmVariable = "MV2_USE_ROCM";
    private const string MpichVariable = "MPIR_CVAR_ENABLE_GPU";

    /// <summary>What the library says.</summary>
    /// <param name="library">The library.</param>
    /// <param name="version">Its description of itself.</param>
    /// <param name="environment">The variables of the process.</param>
    /// <param name="isInitialized">Whether it has been initialised: only then may all of its functions be called.</param>
    public static MpiGpuSupport Ask(MpiLibrary library, string version, IReadOnlyDictionary<string, string> environment, bool isInitialized)
    {
        if (ByVariable(version, environment) is { } told)
            return told;
        if (library.Flavor == MpiFlavor.OpenMpi)
            return isInitialized ? AskOpenMpi(library) : BuildOfOpenMpi(library);
        if (!isInitialized)
            return ByConfiguration(version, environment);
        nint query = library.ExportOrZero("MPIX_GPU_query_support");
        if (query == 0)
            return new(false, false, "the library has no function that says so");
        var ask = (delegate* unmanaged<int, int*, int>)query;
        return new(Says(ask, MpichCuda), Says(ask, MpichHip), "MPIX_GPU_query_support says so");
    }

    /// <summary>The answer of libraries that a variable turns on; null for the others.</summary>
    internal static MpiGpuSupport? ByVariable(string version, IReadOnlyDictionary<string, string> environment)
    {
        if (version.Contains("CRAY MPICH", StringComparison.OrdinalIgnoreCase))
        {
            // The variable does not say for which device: that is decided when the program is linked or the module is loaded.
            bool isOn = IsOn(environment, CrayVariable);
            return new(isOn, isOn, isOn ? $"{CrayVariable} is 1" : $"{CrayVariable} is not 1");
        }

        if (!version.Contains("MVAPICH2", StringComparison.OrdinalIgnoreCase))
            return null;
        bool cuda = IsOn(environment, MvapichCudaVariable), rocm = IsOn(environment, MvapichRocmVariable);
        return new(cuda, rocm, cuda || rocm
            ? $"{(cuda ? MvapichCudaVariable : MvapichRocmVariable)} is 1" : $"neither {MvapichCudaVariable} nor {MvapichRocmVariable} is 1");
    }

    /// <summary>What MPICH's description says about its configuration.</summary>
    internal static MpiGpuSupport ByConfiguration(string version, IReadOnlyDictionary<string, string> environment)
    {
        if (environment.TryGetValue(MpichVariable, out var value) && value is "0" or "no" or "false")
            return new(false, false, $"{MpichVariable} turns it off");
        bool cuda = Has("--with-cuda"), rocm = Has("--with-hip");
        return new(cuda, rocm, cuda || rocm
            ? $"it was configured with {(cuda ? "--with-cuda" : "--with-hip")}" : "its description names neither --with-cuda nor --with-hip");

        bool Has(string option) => version.Contains(option, StringComparison.Ordinal) && !version.Contains(option + "=no", StringComparison.Ordinal);
    }

    private static MpiGpuSupport AskOpenMpi(MpiLibrary library)
    {
        const string Cuda = "MPIX_Query_cuda_support", Rocm = "MPIX_Query_rocm_support";
        return library.ExportOrZero(Cuda) == 0 && library.ExportOrZero(Rocm) == 0
            ? new(false, false, "the library has no function that says so")
            : new(Says(library.ExportOrZero(Cuda)), Says(library.ExportOrZero(Rocm)), $"{Cuda} says so");
    }

    private static MpiGpuSupport BuildOfOpenMpi(MpiLibrary library)
    {
        bool cuda = IsSet(library.ExportOrZero("opal_built_with_cuda_support")), rocm = IsSet(library.ExportOrZero("opal_built_with_rocm_support"));
        return new(cuda, rocm, cuda || rocm ? $"it was built with support for {(cuda ? "CUDA" : "ROCm")}" : "it was built without");
    }

    private static bool Says(nint function) => function != 0 && ((delegate* unmanaged<int>)function)() != 0;

    private static bool Says(delegate* unmanaged<int, int*, int> function, int device)
    {
        int isSupported = 0;
        return function(device, &isSupported) == 0 && isSupported != 0;
    }

    // A C bool, exported as an object.
    private static bool IsSet(nint address) => address != 0 && *(byte*)address != 0;

    private static bool IsOn(IReadOnlyDictionary<string, string> environment, string variable) =>
        environment.TryGetValue(variable, out var value) && value == "1";
}
