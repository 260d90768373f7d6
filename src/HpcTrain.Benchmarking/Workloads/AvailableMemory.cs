using System.Globalization;

namespace HpcTrain.Benchmarking.Workloads;

/// <summary>How much memory this node still has.</summary>
internal static class AvailableMemory
{
    private const string Facts = "/proc/meminfo";

    /// <summary>Bytes that can be allocated without swapping: what the kernel says, or less where the process's control group allows less.</summary>
    public static long Bytes()
    {
        long allowed = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        IEnumerable<string> lines = File.Exists(Facts) ? File.ReadLines(Facts) : [];
        string? line = lines.FirstOrDefault(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        string[] words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        return words.Length > 1 && long.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out long kibibytes)
            ? Math.Min(allowed, kibibytes * 1024)
            : allowed;
    }
}
