using System.Globalization;

namespace HpcTrain.Mpi;

/// <summary>The files that this process has mapped, from /proc/self/maps.</summary>
internal static class MappedFiles
{
    /// <summary>The file that an address belongs to, or null.</summary>
    public static string? PathOf(nint address)
    {
        foreach (var line in ReadMaps())
        {
            // 7f1c2a000000-7f1c2a021000 r-xp 00000000 08:01 1234   /usr/lib/libmpi.so.40.30.4
            var dash = line.IndexOf('-', StringComparison.Ordinal);
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (dash < 0 || space < dash
                || !ulong.TryParse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var start)
                || !ulong.TryParse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture,
                    out var end))
                continue;
            if ((ulong)address >= start && (ulong)address < end)
                return PathIn(line);
        }

        return null;
    }

    /// <summary>Every mapped file, once.</summary>
    public static IReadOnlyList<string> All() => [.. ReadMaps().Select(PathIn).OfType<string>().Distinct()];

    private static string? PathIn(string line)
    {
        var slash = line.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? null : line[slash..];
    }

    private static string[] ReadMaps() =>
        File.Exists("/proc/self/maps") ? File.ReadAllLines("/proc/self/maps") : [];
}
