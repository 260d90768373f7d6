namespace HpcTrain.Training.Jobs;

/// <summary>The cores that a rank may use.</summary>
internal static class RankCores
{
    /// <summary>A rank that was given cores of its own (srun --cpus-per-task) has these; ranks that share a node's cores divide them. At least 1.</summary>
    /// <param name="localRanks">Ranks on this node; 0 if nobody knows.</param>
    public static int Count(int localRanks)
    {
        var ofNode = File.ReadLines("/proc/cpuinfo").Count(line => line.StartsWith("processor", StringComparison.Ordinal));
        var mine = Environment.ProcessorCount;
        return mine < ofNode ? mine : Math.Max(1, mine / Math.Max(1, localRanks));
    }
}
