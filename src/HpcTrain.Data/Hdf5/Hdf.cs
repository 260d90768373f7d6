using System.Text.RegularExpressions;
using HDF.PInvoke;

namespace HpcTrain.Data.Hdf5;

/// <summary>
/// The edge to libhdf5. Not every build of the library is safe for threads (and those that are have one lock inside), so every
/// call into it is made while <see cref="Gate"/> is held: one lock for the process.
/// </summary>
internal static partial class Hdf
{
    /// <summary>Held around every call into HDF5.</summary>
    public static readonly Lock Gate = new();

    private static bool started;

    /// <summary>Whether HDF5 has been initialised: settings that it reads only then can no longer change.</summary>
    public static bool Started => started;

    /// <summary>Initialises HDF5 at the first call and silences its own error output. Call with <see cref="Gate"/>
    /// held.</summary>
    public static void Start()
    {
        if (started)
            return;
        // HDF5's handler at the exit of the process would try again to close a file whose writing failed (disk full), and crash.
        // Everything that is written here is closed in its place, so the handler has nothing to do.
        _ = H5.dont_atexit();
        _ = H5.open();
        _ = H5E.set_auto(H5E.DEFAULT, null!, IntPtr.Zero);
        started = true;
    }

    /// <summary>Passes an identifier or a status through, or throws with HDF5's own explanation when it is negative.</summary>
    /// <param name="result">What HDF5 returned.</param>
    /// <param name="action">"read", "write", ...</param>
    /// <param name="file">The file that the call was about.</param>
    public static long Check(long result, string action, string file) => result >= 0 ? result : throw Failure(action, file);

    /// <summary>The exception for the call that just failed.</summary>
    public static DatasetException Failure(string action, string file)
    {
        var stack = ErrorStack();
        var system = stack.Select(line => SystemError().Match(line)).FirstOrDefault(match => match.Success)?.Groups[1].Value;
        var reason = system ?? (stack.Count > 0 ? stack[^1] : "HDF5 gave no reason");
        if (system is not null)
            return DatasetException.FromIO(action, file, system switch
            {
                "Permission denied" or "Operation not permitted" => new UnauthorizedAccessException(system),
                "No such file or directory" => new FileNotFoundException(system),
                _ => new IOException(system),
            });
        return new DatasetException(
            $"Cannot {action} {file} (HDF5: {reason}); " +
            "the file is damaged or not a shard: run 'hpctrain data verify', then import the dataset again.");
    }

    // From the outermost call to the innermost, which knows the cause.
    private static List<string> ErrorStack()
    {
        var lines = new List<string>();
        H5E.walk_t collect = (uint _, ref H5E.error_t error, IntPtr _) =>
        {
            lines.Add(error.desc ?? "");
            return 0;
        };
        _ = H5E.walk(H5E.DEFAULT, H5E.direction_t.H5E_WALK_DOWNWARD, collect, IntPtr.Zero);
        GC.KeepAlive(collect);
        _ = H5E.clear(H5E.DEFAULT);
        return lines;
    }

    [GeneratedRegex("error message = '([^']*)'")]
    private static partial Regex SystemError();
}
