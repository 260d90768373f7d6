namespace HpcTrain.Topology.Tests;

/// <summary>What holds for every exact packing.</summary>
internal static class PackingAssert
{
    public static Rational Parse(string text) => Rational.TryParse(text, out Rational value) ? value : throw new FormatException(text);

    /// <summary>The trees fit the links, reach the optimum, and the cut is one that gives it.</summary>
    public static void IsOptimal(LinkGraph graph, TreePacking packing)
    {
        Assert.That(TreePackingCheck.Faults(graph, packing), Is.Empty);
        Assert.That(packing.Rate, Is.EqualTo(packing.Optimum));
        Assert.That(packing.Share, Is.EqualTo(Rational.One));
        Assert.That(packing.Cut.Parts.SelectMany(part => part).Order(), Is.EqualTo(Enumerable.Range(0, graph.Nodes.Length)));
        Assert.That(packing.Cut.Parts.All(part => part.Length > 0));
        Assert.That(packing.Cut.Optimum, Is.EqualTo(packing.Optimum));
        Rational between = packing.Cut.Links.Aggregate(Rational.Zero, (sum, link) => sum + link.Bandwidth);
        Assert.That(packing.Cut.Bandwidth, Is.EqualTo(between));
        int ranks = packing.Cut.Parts[packing.Collective == PackedCollective.ReduceScatter ? 1 : 0].Count(node => node < graph.Ranks);
        Rational limit = packing.Collective switch
        {
            PackedCollective.Broadcast => between,
            PackedCollective.AllReduce => between / (packing.Cut.Parts.Length - 1),
            _ => between * graph.Ranks / ranks,
        };
        Assert.That(limit, Is.EqualTo(packing.Optimum));
    }
}
