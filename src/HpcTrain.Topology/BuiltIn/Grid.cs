namespace HpcTrain.Topology;

/// <summary>Nodes at the points of a grid of any number of dimensions, linked to their neighbours in both directions. The last coordinate runs fastest.</summary>
internal static class Grid
{
    public const int MostNodes = 1 << 18;

    /// <param name="sizes">The number of nodes along each dimension; together at most <see cref="MostNodes"/>.</param>
    /// <param name="wrap">Whether the last of a line is linked to the first. Two in a line are linked once.</param>
    /// <param name="arguments">Name, bandwidth and latency.</param>
    public static LinkGraph Create(int[] sizes, bool wrap, TopologyArguments arguments)
    {
        Rational bandwidth = arguments.Bandwidth();
        double latency = arguments.LatencySeconds();
        int nodes = sizes.Aggregate(1, (product, size) => product * size);
        var graph = new GraphAssembly();
        for (int node = 0; node < nodes; node++)
            graph.Add(NodeKind.Rank, $"node{node}", node);
        int stride = nodes;
        foreach (int size in sizes)
        {
            stride /= size;
            for (int node = 0; node < nodes; node++)
            {
                int place = node / stride % size;
                if (place + 1 < size)
                    graph.Connect(node, node + stride, bandwidth, "", latency);
                else if (wrap && size > 2)
                    graph.Connect(node, node - (place * stride), bandwidth, "", latency);
            }
        }

        return graph.ToGraph(arguments.Specification);
    }
}
