using HpcTrain.Collectives;

namespace HpcTrain.Benchmarking.Workloads;

/// <summary>The bytes of the two buffers that a rank needs for all workloads.</summary>
internal readonly record struct MemoryNeed(long Source, long Destination)
{
    /// <summary>Both together.</summary>
    public long Bytes => Source + Destination;

    /// <summary>The need of a rank.</summary>
    public static MemoryNeed Of(IEnumerable<Workload> workloads, int rank)
    {
        long source = 0, destination = 0;
        foreach (Workload work in workloads)
        {
            source = Math.Max(source, OperandLayout.BytesOf(OperandBuffer.Source, work, rank));
            destination = Math.Max(destination, OperandLayout.BytesOf(OperandBuffer.Destination, work, rank));
        }

        return new(source, destination);
    }

    /// <summary>Says which node has too little memory; null when all have enough.</summary>
    /// <param name="needs">Bytes that each rank needs.</param>
    /// <param name="available">Bytes that each rank sees available on its node.</param>
    /// <param name="nodes">Which ranks share a node.</param>
    /// <param name="names">The names of the nodes.</param>
    public static string? Problem(IReadOnlyList<long> needs, IReadOnlyList<long> available, NodeMap nodes, IReadOnlyList<string> names)
    {
        for (int node = 0; node < nodes.Nodes; node++)
        {
            // As a double: sizes near 2^63 on many ranks must not wrap around to something that fits.
            double needed = nodes.Members[node].Sum(rank => (double)needs[rank]);
            long least = nodes.Members[node].Min(rank => available[rank]);
            if (needed > least)
            {
                string rounded = ByteSize.Rounded((long)Math.Min(needed, long.MaxValue));
                return $"the buffers of the {nodes.Members[node].Length} ranks on {names[node]} need {needed:0} bytes ({rounded}), "
                    + $"but only {least} ({ByteSize.Rounded(least)}) are available; take a smaller --max-bytes, or --compare none";
            }
        }

        return null;
    }
}
