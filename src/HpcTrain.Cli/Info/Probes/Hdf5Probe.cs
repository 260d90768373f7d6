using HDF.PInvoke;

namespace HpcTrain.Cli.Info.Probes;

internal static class Hdf5Probe
{
    public static LibraryReport Run()
    {
        uint major = 0, minor = 0, release = 0;
        try
        {
            if (H5.get_libversion(ref major, ref minor, ref release) < 0)
                return new(false, null, null, "libhdf5 does not tell its version: it is damaged; install it anew");
        }
        catch (Exception exception) when ((exception as TypeInitializationException)?.InnerException is DllNotFoundException missing)
        {
            return new(false, null, null, missing.Message);
        }
        catch (DllNotFoundException missing)
        {
            return new(false, null, null, missing.Message);
        }
        return new(true, $"{major}.{minor}.{release}", MappedFile("libhdf5"), null);
    }

    /// <summary>The path under which this process has loaded the library whose file name starts so.</summary>
    private static string? MappedFile(string start)
    {
        const string maps = "/proc/self/maps";
        return !File.Exists(maps)
            ? null
            : File.ReadLines(maps).Where(line => line.Contains('/', StringComparison.Ordinal))
                .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..])
                .FirstOrDefault(path => Path.GetFileName(path).StartsWith(start, StringComparison.Ordinal));
    }
}
