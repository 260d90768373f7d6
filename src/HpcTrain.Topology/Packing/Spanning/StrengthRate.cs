namespace HpcTrain.Topology;

/// <summary>
/// The fractional spanning tree packing number tau: the most weight that spanning trees can have together within the capacities of undirected edges.
/// </summary>
/// <remarks>
/// <para>
/// Cut the ranks into a partition P of parts; every spanning tree uses at least |P| - 1 edges between the parts, whose capacity together is c(P). So no packing has
/// more weight than c(P) / (|P| - 1), and some packing reaches the least of these (Nash-Williams and Tutte 1961).
/// </para>
/// <para>
/// The least ratio is found by Dinkelbach's rule: for a guess t, the partition with the least c(P) - t (|P| - 1); if that is below 0, its ratio is the next guess, and
/// the last guess is the answer. The least partition for t comes from one min cut per rank (Cunningham, Optimal attack and reinforcement, 1985): numbers x(v) are
/// given to ranks one by one, each as large as keeps x(S) &lt;= d(S) - 2 t for all sets S, where d(S) is the capacity out of S. Sets with equality grow together, and
/// in the end are the parts.
/// </para>
/// </remarks>
/// <param name="Rate">tau, in the unit of the capacities.</param>
/// <param name="Parts">The number of the part that each rank is in, in a partition that limits it.</param>
internal sealed record StrengthRate(Rational Rate, int[] Parts)
{
    /// <summary>Finds tau of a connected graph.</summary>
    /// <param name="ranks">The number of ranks, at least 2.</param>
    /// <param name="edges">The edges.</param>
    /// <param name="capacities">Their capacities.</param>
    public static StrengthRate Find(int ranks, IReadOnlyList<Edge> edges, IReadOnlyList<long> capacities)
    {
        var found = new StrengthRate(new(capacities.Sum(), ranks - 1), [.. Enumerable.Range(0, ranks)]);
        while (true)
        {
            long toll = (long)found.Rate.Numerator, scale = (long)found.Rate.Denominator;
            (long value, int[] parts) = LeastPartition(ranks, edges, [.. capacities.Select(capacity => checked(capacity * scale))], toll);
            if (value == 0)
                return found;
            long between = edges.Select((edge, i) => parts[edge.A] == parts[edge.B] ? 0 : capacities[i]).Sum();
            found = new(new(between, parts.Distinct().Count() - 1), parts);
        }
    }

    /// <summary>The partition with the least c(P) - toll (|P| - 1), which is at most 0: that is the value of all ranks in one part.</summary>
    public static (long Value, int[] Parts) LeastPartition(int ranks, IReadOnlyList<Edge> edges, IReadOnlyList<long> capacities, long toll)
    {
        int source = ranks, sink = ranks + 1;
        var flow = new MaxFlow(ranks + 2);
        for (int i = 0; i < edges.Count; i++)
            flow.AddArc(edges[i].A, edges[i].B, capacities[i], capacities[i]);
        int[] gains = [.. Enumerable.Range(0, ranks).Select(rank => flow.AddArc(source, rank, 0))];
        int[] costs = [.. Enumerable.Range(0, ranks).Select(rank => flow.AddArc(rank, sink, MaxFlow.Unbounded))];
        int[] parts = [.. Enumerable.Range(0, ranks)];
        long sum = 0, gained = 0;
        for (int rank = 0; rank < ranks; rank++)
        {
            // The set that bounds x(rank) has it, perhaps some before it, and none after it.
            flow[gains[rank]] = MaxFlow.Unbounded;
            flow[costs[rank]] = 0;
            long bound = flow.Run(source, sink) - gained - (2 * toll);
            HashSet<int> merged = [.. Enumerable.Range(0, rank + 1).Where(flow.IsOnSourceSide).Select(other => parts[other])];
            for (int other = 0; other <= rank; other++)
                parts[other] = merged.Contains(parts[other]) ? rank : parts[other];
            flow[gains[rank]] = Math.Max(0, bound);
            flow[costs[rank]] = Math.Max(0, -bound);
            gained += Math.Max(0, bound);
            sum += bound;
        }

        return ((sum / 2) + toll, parts);
    }
}
