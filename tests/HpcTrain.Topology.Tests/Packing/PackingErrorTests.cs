namespace HpcTrain.Topology.Tests;

/// <summary>Graphs that cannot be planned for are refused with the names of what is wrong.</summary>
public sealed class PackingErrorTests
{
    private static readonly LinkGraph Split = Graphs.Of(4, "0-1:1 2-3:1");

    [Test]
    public void Ranks_that_cannot_be_reached_are_named()
    {
        Assert.That(() => ArborescencePacking.Plan(Split, 1), Fails("disconnected: from gpu1 no links lead to gpu2, gpu3"));
        Assert.That(() => ForestPacking.PlanAllGather(Split), Fails("from gpu0 no links lead to gpu2, gpu3"));
        Assert.That(() => ForestPacking.PlanReduceScatter(Split), Fails("disconnected"));
        Assert.That(() => SpanningTreePacking.Plan(Split), Fails("from gpu0 no links lead to gpu2, gpu3"));
        Assert.That(() => SpanningTreePacking.Plan(Graphs.Of(3, "0-1:1 1>2:1")), Fails("gpu2"));
        Assert.That(ArborescencePacking.Plan(Graphs.Of(3, "0-1:1 1>2:1"), 0).Rate, Is.EqualTo(Rational.One));
    }

    [Test]
    public void Roots_that_do_not_exist_are_refused() =>
        Assert.That(() => ArborescencePacking.Plan(Graphs.Dgx1V(), 8), Fails("no rank 8 in topology 'dgx1v'; its ranks are numbered from 0 to 7"));

    [Test]
    public void One_rank_alone_is_refused() => Assert.That(() => ForestPacking.PlanAllGather(Graphs.Of(1, "")), Fails("has one rank"));

    [Test]
    public void A_switch_with_less_out_than_in_is_named()
    {
        LinkGraph even = Graphs.Boxes(1, 3, 2, 0);
        LinkGraph uneven = new("uneven", even.Nodes, even.Links.Select(link => link.From == 0 ? link with { Bandwidth = 3 } : link));
        Assert.That(() => ForestPacking.PlanAllGather(uneven), Fails("nvswitch0 of topology 'uneven' has 7 GB/s in and 6 GB/s out"));
        Assert.That(() => ArborescencePacking.Plan(uneven, 0), Fails("nvswitch0"));
    }

    [Test]
    public void Undirected_trees_do_not_go_through_switches() =>
        Assert.That(() => SpanningTreePacking.Plan(Graphs.Boxes(1, 3, 2, 0)), Fails("nvswitch0"));

    [Test]
    public void Bandwidths_without_a_useful_common_measure_are_refused() =>
        Assert.That(() => ForestPacking.PlanAllGather(Graphs.Of(3, "0-1:1000000007/1000000009 1-2:999999937/999999929")), Fails("round them"));

    private static NUnit.Framework.Constraints.ContainsConstraint Fails(string words) => Throws.TypeOf<TopologyException>().With.Message.Contains(words);
}
