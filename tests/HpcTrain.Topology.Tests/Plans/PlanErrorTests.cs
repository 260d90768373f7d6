namespace HpcTrain.Topology.Tests;

/// <summary>What cannot be planned is refused in a sentence.</summary>
public sealed class PlanErrorTests
{
    private static readonly LinkGraph Dgx1V = BuiltInTopologies.Create("dgx1v");

    [Test]
    public void Ranks_that_cannot_be_reached_are_named() =>
        Refuses(Dgx1V.Allocate([0, 3, 5]), new(), "'dgx1v[0,3,5]' is disconnected: from gpu0 no links lead to gpu5");

    [Test]
    public void Roots_that_do_not_exist_are_refused() =>
        Refuses(Dgx1V, new() { Collective = PackedCollective.Broadcast, Root = 8 }, "There is no rank 8 in topology 'dgx1v'; its ranks are numbered from 0 to 7.");

    [Test]
    public void One_rank_alone_is_refused([Values] PackedCollective collective) => Refuses(Dgx1V.Allocate([4]), new() { Collective = collective }, "has one rank");

    [Test]
    public void A_limit_of_no_trees_is_refused() => Refuses(Dgx1V, new() { MostTrees = 0 }, "allow at least 1");

    [Test]
    public void An_allgather_of_fewer_trees_than_ranks_is_refused() =>
        Refuses(Dgx1V, new() { Collective = PackedCollective.AllGather, MostTrees = 7 }, "allow at least 8, not 7");

    [Test]
    public void A_switch_with_less_out_than_in_is_named()
    {
        LinkGraph even = BuiltInTopologies.Create("dgx-a100");
        LinkGraph uneven = new("uneven", even.Nodes, even.Links.Select(link => link.From == 0 ? link with { Bandwidth = 200 } : link));
        Refuses(uneven, new(), "nvswitch of topology 'uneven' has 2300 GB/s in and 2400 GB/s out");
    }

    [Test]
    public void Blink_does_not_gather()
    {
        Refuses(Dgx1V, new() { Planner = PlanPlanner.Blink, Collective = PackedCollective.AllGather }, "take the exact planner");
        Refuses(BuiltInTopologies.Create("fat-tree"), new() { Planner = PlanPlanner.Blink }, "Take the exact planner");
    }

    [Test]
    public void Rings_are_what_the_rule_says_or_none()
    {
        Refuses(Dgx1V.Allocate([0, 1, 4]), new() { Planner = PlanPlanner.Rings }, "'dgx1v[0,1,4]' has no ring over its links");
        Refuses(Dgx1V, new() { Planner = PlanPlanner.Rings, Collective = PackedCollective.AllGather }, "take another planner");
        Refuses(Dgx1V, new() { Planner = PlanPlanner.Rings, MostTrees = 3 }, "leave number and links to it");
        Refuses(BuiltInTopologies.Create("dgx-a100:boxes=2"), new() { Planner = PlanPlanner.Rings }, "'dgx-a100:boxes=2' is neither");
    }

    [Test]
    public void A_hybrid_has_no_limit_of_trees() => Refuses(Dgx1V, new() { Links = PlanLinks.Hybrid, MostTrees = 3 }, "has the trees of both");

    private static void Refuses(LinkGraph graph, PlanOptions options, string words) =>
        Assert.That(() => LinkPlanner.Plan(graph, options), Throws.TypeOf<TopologyException>().With.Message.Contains(words));
}
