using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>
/// Plans a collective for given links: works out what each method that suits them would reach, and takes the best.
/// </summary>
/// <remarks>
/// <para>
/// A broadcast, an allgather and a reduce-scatter have one method, packed trees, which reach what the least cut lets through. For an allreduce there are several, and each
/// wins somewhere: undirected trees over direct links, one-hop stars through a switch, three phases between boxes, and a reduce-scatter with an allgather anywhere. Only
/// rates are worked out for all; trees for the one that is taken, and of equal ones that is the first of this list.
/// </para>
/// <para>
/// Where a graph has PCIe beside links between devices, the latter alone are used if they join all ranks, since PCIe is shared with all else that goes on in a host; where
/// they do not, all links are. <see cref="PlanLinks"/> tells of other choices.
/// </para>
/// </remarks>
public static class LinkPlanner
{
    /// <summary>Plans a collective.</summary>
    /// <param name="graph">The links, as allocated.</param>
    /// <param name="options">What is to be planned.</param>
    /// <returns>A plan in the nodes of the graph, with <see cref="LinkPlan.Comparison"/>.</returns>
    /// <exception cref="TopologyException">
    /// Some ranks cannot be reached: they are named; the root does not exist; there is one rank only; a switch has not as much bandwidth in as out; there may be no tree, or
    /// fewer than an allgather has roots; NCCL finds no rings; the planner does not do such a collective or such links; bandwidths have no common measure of a useful size.
    /// </exception>
    public static LinkPlan Plan(LinkGraph graph, PlanOptions options)
    {
        if (options.MostTrees < 1)
            throw new TopologyException($"A plan of at most {options.MostTrees} trees carries nothing; allow at least 1.");
        if (options.Collective == PackedCollective.Broadcast)
            Reachability.RequireFrom(graph, options.Root);
        else
            Reachability.RequireAll(graph);
        LinkPlan plan = options.Links switch
        {
            _ when options.Planner == PlanPlanner.Rings => Rings(graph, options),
            PlanLinks.Hybrid => Hybrid(graph, options),
            PlanLinks.All => PlanOver(graph, LinkSelection.All(graph), options),
            _ => PlanOver(graph, HostLinks.Usual(graph, [.. Enumerable.Range(0, graph.Nodes.Length)]), options),
        };
        RingRate? ring = RingRate.Find(graph, options.Collective, options.Fallback);
        return plan with { Comparison = plan.Comparison! with { Ring = ring } };
    }

    private static LinkPlan Rings(LinkGraph graph, PlanOptions options)
    {
        if (options.MostTrees != null || options.Links != PlanLinks.Device)
            throw new TopologyException("Rings are those that NCCL's rule takes, over the links that it takes; leave number and links to it.");
        (LinkSelection part, ImmutableArray<PlanTree> trees) = RingChains.Find(graph, options.Collective, options.Root);
        return Compared(graph, options, part, Compare(part.Graph, options), PlanMethods.Rings, trees);
    }

    private static LinkPlan Hybrid(LinkGraph graph, PlanOptions options)
    {
        if (options.MostTrees != null)
            throw new TopologyException("A hybrid of two plans has the trees of both; limit trees over the links between devices or over all links.");
        LinkSelection devices = HostLinks.Without(graph, [.. Enumerable.Range(0, graph.Nodes.Length)]);
        if (!devices.JoinsAll() || HostLinks.Only(graph) is not { } host)
        {
            throw new TopologyException(
                $"Topology '{graph.Name}' has not both links between devices and links of the host (PCIe) that join all ranks, so there is nothing to split; plan over all links.");
        }

        return HybridSplit.Join(PlanOver(graph, devices, options), PlanOver(graph, host, options with { Planner = PlanPlanner.Exact }), options);
    }

    private static LinkPlan PlanOver(LinkGraph whole, LinkSelection part, PlanOptions options)
    {
        LinkGraph graph = part.Graph;
        ImmutableArray<PlanMethod> methods = Compare(graph, options);
        PlanMethod best = methods.MaxBy(method => method.Optimum)!;
        (string name, ImmutableArray<PlanTree> trees, bool isBest) = options.Planner == PlanPlanner.Blink ? Blink(graph, options) : Exact(graph, best, options);
        LinkPlan plan = Compared(whole, options, part, methods, name, trees);
        return options.MostTrees is { } most
            ? plan with { Comparison = plan.Comparison! with { Limit = new(most, Rational.One - plan.Share, isBest || plan.Rate == plan.Optimum) } } : plan;
    }

    /// <summary>A plan beside what the methods would reach.</summary>
    private static LinkPlan Compared(LinkGraph whole, PlanOptions options, LinkSelection part, ImmutableArray<PlanMethod> methods, string name, ImmutableArray<PlanTree> trees)
    {
        PlanMethod best = methods.MaxBy(method => method.Optimum)!;
        return new(whole, options.Collective, name, best.Optimum, part.Back(trees), part.Back(best.Cut))
        {
            Comparison = new([.. methods.Select(method => new MethodOptimum(method.Name, method.Optimum))]),
        };
    }

    private static ImmutableArray<PlanMethod> Compare(LinkGraph graph, PlanOptions options) => options.Collective switch
    {
        PackedCollective.Broadcast => [PlanMethod.Of(graph, ArborescencePacking.Plan(graph, options.Root), PlanMethods.Trees)],
        PackedCollective.AllGather => [PlanMethod.Of(graph, ForestPacking.PlanAllGather(graph), PlanMethods.Trees)],
        PackedCollective.ReduceScatter => [PlanMethod.Of(graph, ForestPacking.PlanReduceScatter(graph), PlanMethods.Trees)],
        _ => [.. new[] { UndirectedTrees.Find(graph), OneHop.Find(graph), ThreePhase.Find(graph, options.Planner), ReduceScatterAllGather.Find(graph) }.OfType<PlanMethod>()],
    };

    private static (string Method, ImmutableArray<PlanTree> Trees, bool IsBest) Exact(LinkGraph graph, PlanMethod best, PlanOptions options)
    {
        if (options.MostTrees is not { } most)
            return (best.Name, best.MakeTrees(), true);
        if (options.Collective != PackedCollective.AllReduce)
        {
            LimitedPacking few = options.Collective switch
            {
                PackedCollective.Broadcast => FewTrees.PlanBroadcast(graph, options.Root, most),
                PackedCollective.AllGather => FewTrees.PlanAllGather(graph, most),
                _ => Turn(FewTrees.PlanAllGather(ForestPacking.Turn(graph), most)),
            };
            return (best.Name, LinkPlan.Of(graph, few.Packing, best.Name).Trees, few.IsBest);
        }

        ImmutableArray<PlanTree> trees = best.MakeTrees();
        return trees.Length <= most ? (best.Name, trees, true) : FewPlanTrees.AllReduce(graph, best.Name, trees, most);
    }

    private static LimitedPacking Turn(LimitedPacking gather) => gather with { Packing = ForestPacking.Turn(gather.Packing) };

    /// <summary>Blink's own way: packed trees over direct links, stars through a switch, three phases between boxes.</summary>
    private static (string Method, ImmutableArray<PlanTree> Trees, bool IsBest) Blink(LinkGraph graph, PlanOptions options)
    {
        if (options.Collective is PackedCollective.AllGather or PackedCollective.ReduceScatter)
            throw new TopologyException("Blink plans a broadcast or an allreduce; take the exact planner for other collectives.");
        PlanMethod method = options.Collective == PackedCollective.Broadcast ? PlanMethod.Of(graph, BlinkPacking.PlanBroadcast(graph, options.Root), PlanMethods.Blink)
            : OneHop.Find(graph) ?? ThreePhase.Find(graph, PlanPlanner.Blink) ?? PlanMethod.Of(graph, BlinkPacking.PlanAllReduce(graph), PlanMethods.Blink);
        ImmutableArray<PlanTree> trees = method.MakeTrees();
        return (method.Name, trees.Length <= options.MostTrees || options.MostTrees is not { } most ? trees : FewPlanTrees.Heaviest(graph, trees, most), false);
    }
}
