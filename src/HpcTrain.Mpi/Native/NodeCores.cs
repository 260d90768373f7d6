namespace HpcTrain.Mpi;

/// <summary>
/// How many cores the ranks of this node share. A rank's own affinity does not say it, because launchers bind ranks to
/// cores; the launcher's daemon, which is the rank's parent, is not bound below what the job was given. So: the larger
/// of our own and our parent's set, capped by a CPU quota where the container has one.
/// </summary>
internal static class NodeCores
{
    public static int Count { get; } = Measure();

    /// <summary>The number of CPUs in a list such as "0-3,8,10-11".</summary>
    public static int CountCpuList(string list)
    {
        var count = 0;
        foreach (var part in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var bounds = part.Split('-');
            if (!int.TryParse(bounds[0], out var first) || !int.TryParse(bounds[^1], out var last) || last < first)
                return 0;
            count += last - first + 1;
        }

        return count;
    }

    private static int Measure()
    {
        var status = ReadStatus("self");
        var own = CountCpuList(status.GetValueOrDefault("Cpus_allowed_list", ""));
        if (own == 0)
            return Environment.ProcessorCount;

        // .NET counts the smaller of affinity and quota: below our affinity, it is the quota that counts.
        if (Environment.ProcessorCount < own)
            return Environment.ProcessorCount;
        var parent = CountCpuList(ReadStatus(status.GetValueOrDefault("PPid", "")).GetValueOrDefault("Cpus_allowed_list", ""));
        return Math.Max(own, parent);
    }

    private static Dictionary<string, string> ReadStatus(string process)
    {
        var fields = new Dictionary<string, string>();
        try
        {
            foreach (var line in File.ReadLines($"/proc/{process}/status"))
            {
                var colon = line.IndexOf(':', StringComparison.Ordinal);
                if (colon > 0)
                    fields[line[..colon]] = line[(colon + 1)..].Trim();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The parent may be hidden or gone; then our own set is all we know.
        }

        return fields;
    }
}
