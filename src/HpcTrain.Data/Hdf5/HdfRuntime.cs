using System.Runtime.InteropServices;
using HDF.PInvoke;
using HpcTrain.Data.Hdf5;

namespace HpcTrain.Data;

/// <summary>The HDF5 library that this process uses. Safe for any thread.</summary>
public static partial class HdfRuntime
{
    private const string LockingVariable = "HDF5_USE_FILE_LOCKING";

    private static bool? locking;

    /// <summary>The version of the loaded libhdf5, "1.10.8".</summary>
    /// <exception cref="DllNotFoundException">libhdf5 is missing or too old; says what to do.</exception>
    public static string Version
    {
        get
        {
            lock (Hdf.Gate)
            {
                Hdf.Start();
                uint major = 0, minor = 0, release = 0;
                _ = H5.get_libversion(ref major, ref minor, ref release);
                return $"{major}.{minor}.{release}";
            }
        }
    }

    /// <summary>The file that libhdf5 was loaded from, or null when that cannot be seen.</summary>
    /// <exception cref="DllNotFoundException">libhdf5 is missing or too old; says what to do.</exception>
    public static string? LibraryPath
    {
        get
        {
            _ = Version;
            return File.ReadLines("/proc/self/maps")
                .Select(line => line.IndexOf('/') is var start and >= 0 ? line[start..] : "")
                .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libhdf5", StringComparison.Ordinal)
                    && !Path.GetFileName(path).Contains("_hl", StringComparison.Ordinal));
        }
    }

    /// <summary>Whether libhdf5 can compress and decompress with deflate.</summary>
    /// <exception cref="DllNotFoundException">libhdf5 is missing or too old; says what to do.</exception>
    public static bool HasDeflate
    {
        get
        {
            lock (Hdf.Gate)
            {
                Hdf.Start();
                return H5Z.filter_avail(H5Z.filter_t.DEFLATE) > 0;
            }
        }
    }

    /// <summary>
    /// Says whether HDF5 locks the files it opens, for the whole process; without a call the environment's
    /// HDF5_USE_FILE_LOCKING decides, and HDF5 locks when that is not set. File systems of clusters (Lustre, NFS) often cannot
    /// lock, and then every open fails: shards never change once they are written, so false is safe there.
    /// </summary>
    /// <exception cref="InvalidOperationException">HDF5 is in use already, and was started with another setting.</exception>
    public static void UseFileLocking(bool enabled)
    {
        lock (Hdf.Gate)
        {
            if (locking == enabled)
                return;
            if (Hdf.Started)
                throw new InvalidOperationException(
                    "HDF5 reads its file locking setting only once: call HdfRuntime.UseFileLocking before the first " +
                    "dataset is opened.");
            // HDF5 reads the C library's environment, which .NET's Environment does not write to.
            _ = SetEnvironment(LockingVariable, enabled ? "TRUE" : "FALSE", overwrite: 1);
            locking = enabled;
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
