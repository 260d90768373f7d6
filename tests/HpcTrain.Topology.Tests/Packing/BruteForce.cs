namespace HpcTrain.Topology.Tests;

/// <summary>Optima from all cuts and all partitions, of small graphs.</summary>
internal static class BruteForce
{
    /// <summary>The least over all sets of nodes with a root, and a rank outside, of the bandwidth out of it by the number of roots in it.</summary>
    public static Rational RatePerRoot(LinkGraph graph, IReadOnlyList<int> roots)
    {
        Rational? least = null;
        for (int set = 1; set < 1 << graph.Nodes.Length; set++)
        {
            int inside = roots.Count(root => Has(root));
            if (inside == 0 || Enumerable.Range(0, graph.Ranks).All(Has))
                continue;
            Rational rate = graph.Links.Where(link => Has(link.From) && !Has(link.To)).Aggregate(Rational.Zero, (sum, link) => sum + link.Bandwidth) / inside;
            least = least is { } before ? Rational.Min(before, rate) : rate;

            bool Has(int node) => (set >> node & 1) != 0;
        }

        return least!.Value;
    }

    /// <summary>The least over all partitions of the bandwidth between parts, of a pair of ranks the lesser direction, by the number of parts less one.</summary>
    public static Rational Tau(LinkGraph graph)
    {
        var part = new int[graph.Ranks];
        Rational? least = null;
        Choose(0, 0);
        return least!.Value;

        void Choose(int rank, int parts)
        {
            if (rank < graph.Ranks)
            {
                for (part[rank] = 0; part[rank] <= parts; part[rank]++)
                    Choose(rank + 1, Math.Max(parts, part[rank] + 1));
                return;
            }

            if (parts < 2)
                return;
            Rational between = Rational.Zero;
            foreach (Link link in graph.Links.Where(link => link.From < link.To && part[link.From] != part[link.To]))
                between += Rational.Min(link.Bandwidth, graph.LinkBetween(link.To, link.From)?.Bandwidth ?? Rational.Zero);
            Rational rate = between / (parts - 1);
            least = least is { } before ? Rational.Min(before, rate) : rate;
        }
    }
}
