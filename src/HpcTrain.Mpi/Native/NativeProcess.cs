using System.Runtime.InteropServices;

namespace HpcTrain.Mpi;

/// <summary>
/// The C library's side of this process. Variables set with System.Environment stay inside .NET; a library that reads
/// getenv sees only what setenv wrote.
/// </summary>
internal static partial class NativeProcess
{
    /// <summary>Sets a variable for native code and for .NET, unless the user has set it.</summary>
    /// <returns>True if it was set here.</returns>
    public static bool SetVariableIfAbsent(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is not null)
            return false;
        _ = SetEnv(name, value, 0);
        Environment.SetEnvironmentVariable(name, value);
        return true;
    }

    /// <summary>
    /// Ends the process at once: no finalizers, no exit handlers. Exit handlers of an MPI library whose finalize hangs
    /// may hang too, so the watchdog must not run them.
    /// </summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    public static partial void ExitNow(int code);

    public static bool IsRoot => OperatingSystem.IsLinux() && GetEffectiveUser() == 0;

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnv(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();
}
