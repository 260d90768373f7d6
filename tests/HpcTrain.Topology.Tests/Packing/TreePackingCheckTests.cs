namespace HpcTrain.Topology.Tests;

/// <summary>The check finds what is wrong with packings that were good.</summary>
public sealed class TreePackingCheckTests
{
    private static readonly LinkGraph Graph = Graphs.Dgx1V();
    private static readonly TreePacking Good = ArborescencePacking.Plan(Graph, 0);

    [Test]
    public void Good_packings_pass() => Assert.That(TreePackingCheck.Faults(Graph, Good), Is.Empty);

    [Test]
    public void Overloaded_links_are_found() => Finds(Change(tree => tree with { Weight = tree.Weight * 3 }), "is to carry");

    [Test]
    public void Trees_that_miss_a_rank_are_found() => Finds(Change(tree => tree with { Edges = tree.Edges[..^1] }), "does not reach rank");

    [Test]
    public void Edges_before_their_ranks_are_reached_are_found() => Finds(Change(tree => tree with { Edges = [.. tree.Edges.Reverse()] }), "cannot have the edge");

    [Test]
    public void Paths_along_no_link_are_found() =>
        Finds(Change(tree => tree with { Edges = [.. tree.Edges.Select(edge => edge with { Path = [edge.From, 5, 0, 5, edge.To] })] }), "There is no link from node 5 to node 0");

    [Test]
    public void Paths_to_elsewhere_are_found() =>
        Finds(Change(tree => tree with { Edges = [.. tree.Edges.Select(edge => edge with { Path = [edge.From] })] }), "along the path");

    [Test]
    public void Weights_of_nothing_are_found() => Finds(Change(tree => tree with { Weight = Rational.Zero }), "has weight 0");

    [Test]
    public void Two_roots_of_a_broadcast_are_found() => Finds(Good with { Trees = [.. Good.Trees, ArborescencePacking.Plan(Graph, 1).Trees[0]] }, "one root, not 2");

    [Test]
    public void Allreduces_load_both_directions() => Finds(Good with { Collective = PackedCollective.AllReduce }, "is to carry");

    [Test]
    public void Unequal_shares_of_an_allgather_are_found() => Finds(Good with { Collective = PackedCollective.AllGather }, "The trees of root 1 weigh 0 together");

    [Test]
    public void Directions_of_a_reduce_scatter_matter() =>
        Finds(ForestPacking.PlanAllGather(Graph) with { Collective = PackedCollective.ReduceScatter }, "cannot have the edge");

    private static TreePacking Change(Func<PackedTree, PackedTree> change) => Good with { Trees = [.. Good.Trees.Select(change)] };

    private static void Finds(TreePacking packing, string words) => Assert.That(TreePackingCheck.Faults(Graph, packing), Has.Some.Contains(words));
}
