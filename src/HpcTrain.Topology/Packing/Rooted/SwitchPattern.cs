namespace HpcTrain.Topology;

/// <summary>
/// Guesses how to do without a switch: its ports are put in a row, and what comes in at one goes out at another a fixed number of ports further on, round the row.
/// </summary>
/// <remarks>
/// The row goes over all first nodes of the boxes, then all second ones, and so on, so that the next port of a switch between boxes is in the next box, and of one
/// within a box it is simply the next. A guess costs nothing; whether it keeps the optimum is for others to find out. Mostly it does: with all ports alike, a ring
/// lets as much into any set of ports as one port had.
/// </remarks>
internal static class SwitchPattern
{
    private const int MostPortsToSpread = 32;

    /// <summary>The pairs of links to be made one, for all of the capacity that can be paired without leading back to where it came from.</summary>
    /// <param name="links">The links so far.</param>
    /// <param name="node">The switch.</param>
    /// <param name="spread">
    /// Whether each port is to reach all others directly, as far as whole numbers allow, rather than the next one only: shallow trees where a switch joins few ports.
    /// </param>
    public static List<SplitOff> Of(LogicalLinks links, int node, bool spread)
    {
        int[] ports = Ports(links, node);
        long[] entering = [.. ports.Select(port => links.Between(port, node).Capacity)], leaving = [.. ports.Select(port => links.Between(node, port).Capacity)];
        var splits = new List<SplitOff>();
        if (spread && ports.Length is > 2 and <= MostPortsToSpread)
            Pair([.. entering.Select(capacity => capacity / (ports.Length - 1))]);
        Pair(null);
        return splits;

        void Pair(long[]? most)
        {
            for (int shift = 1; shift < ports.Length; shift++)
            {
                for (int from = 0; from < ports.Length; from++)
                {
                    int to = (from + shift) % ports.Length;
                    long capacity = Math.Min(Math.Min(entering[from], leaving[to]), most?[from] ?? long.MaxValue);
                    if (capacity == 0)
                        continue;
                    entering[from] -= capacity;
                    leaving[to] -= capacity;
                    splits.Add(new(ports[from], node, ports[to], capacity));
                }
            }
        }
    }

    /// <summary>The number of nodes that a node has links with.</summary>
    public static int CountPorts(LogicalLinks links, int node) => Neighbours(links, node).Count();

    private static int[] Ports(LogicalLinks links, int node)
    {
        IReadOnlyList<LinkNode> nodes = links.Graph.Nodes;
        return [.. Neighbours(links, node)
            .GroupBy(port => nodes[port].Box)
            .SelectMany(box => box.Order().Select((port, place) => (Port: port, Place: place, Box: box.Key)))
            .OrderBy(port => port.Place).ThenBy(port => port.Box)
            .Select(port => port.Port)];
    }

    private static IEnumerable<int> Neighbours(LogicalLinks links, int node) => links.From(node).Where(link => link.Capacity > 0).Select(link => link.To)
        .Union(links.To(node).Where(link => link.Capacity > 0).Select(link => link.From));
}
