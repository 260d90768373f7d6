namespace HpcTrain.Topology.Tests;

/// <summary>The check finds what is wrong with plans that were good.</summary>
public sealed class LinkPlanCheckTests
{
    private static readonly LinkPlan Good = LinkPlanner.Plan(BuiltInTopologies.Create("dgx1v"), new());
    private static readonly LinkPlan Switched = LinkPlanner.Plan(BuiltInTopologies.Create("dgx-a100"), new());

    [Test]
    public void Good_plans_pass() => Assert.That(LinkPlanCheck.Faults(Good).Concat(LinkPlanCheck.Faults(Switched)), Is.Empty);

    [Test]
    public void No_trees_are_no_plan() => Finds(Good with { Trees = [] }, "needs a tree");

    [Test]
    public void Overloaded_links_are_found() => Finds(Change(Good, tree => tree with { Weight = tree.Weight * 5 }), "is to carry");

    [Test]
    public void Both_directions_count_together()
    {
        // One hop out of every rank, and the way up along the same links in the same direction: each link that was full of one is over-full of both.
        LinkPlan up = LinkPlanner.Plan(Graphs.Of(2, "0>1:1 1>0:1"), new() { Collective = PackedCollective.AllGather });
        Finds(up with { Collective = PackedCollective.AllReduce, Optimum = 9, Trees = [.. up.Trees.Select(tree => tree with { In = TreeDirections.Reverse(tree.Out) })] }, "is to carry 2");
    }

    [Test]
    public void Trees_that_miss_a_rank_are_found()
    {
        Finds(Change(Good, tree => tree with { Out = tree.Out[..^1] }), "on its way down");
        Finds(Change(Good, tree => tree with { In = tree.In[..^1] }), "on its way up");
    }

    [Test]
    public void Edges_before_their_ranks_are_reached_are_found() => Finds(Change(Good, tree => tree with { In = [.. tree.In.Reverse()] }), "cannot have the edge");

    [Test]
    public void Ways_that_the_collective_has_not_are_found()
    {
        Finds(Good with { Collective = PackedCollective.Broadcast }, "leads up, which its collective does not");
        Finds(Good with { Collective = PackedCollective.ReduceScatter }, "leads down, which its collective does not");
    }

    [Test]
    public void Paths_over_other_ranks_are_found() =>
        Finds(Change(Good, tree => tree with { Out = [.. tree.Out.Select(edge => edge with { Path = [edge.From, 5, edge.To] })] }), "cannot take the path");

    [Test]
    public void Paths_along_no_link_are_found() =>
        Finds(Change(Switched, tree => tree with { Out = [.. tree.Out.Select(edge => edge with { Path = [edge.From, edge.To] })] }), "There is no link from node");

    [Test]
    public void Weights_of_nothing_are_found() => Finds(Change(Good, tree => tree with { Weight = Rational.Zero }), "has weight 0");

    [Test]
    public void Unknown_roots_are_found() => Finds(Change(Good, tree => tree with { Root = 8 }), "unknown root");

    [Test]
    public void A_broadcast_of_several_roots_is_found() =>
        Finds(Switched with { Collective = PackedCollective.Broadcast, Trees = [.. Switched.Trees.Select(tree => tree with { In = [] })] }, "has one root, not 8");

    [Test]
    public void Roots_that_get_less_than_others_are_found()
    {
        LinkPlan gather = LinkPlanner.Plan(Switched.Graph, new() { Collective = PackedCollective.AllGather });
        Finds(gather with { Trees = [gather.Trees[0] with { Weight = 1 }, .. gather.Trees.Skip(1)] }, "as for every rank");
    }

    [Test]
    public void Rates_above_the_optimum_are_found() => Finds(Good with { Optimum = 1 }, "above the optimum 1");

    private static LinkPlan Change(LinkPlan plan, Func<PlanTree, PlanTree> change) => plan with { Trees = [change(plan.Trees[0]), .. plan.Trees.Skip(1)] };

    private static void Finds(LinkPlan plan, string words) => Assert.That(LinkPlanCheck.Faults(plan), Has.Some.Contains(words));
}
