using System.Collections.Immutable;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>The phases of a hierarchy for one request, or why it cannot be used for it.</summary>
internal sealed class HierarchyPlan
{
    // Idea. The innermost level divides the ranks into groups, usually the nodes; the levels above, a hierarchy in themselves if there are several,
    // connect the groups. What goes between groups should be as little as possible, and all ranks of a group should share in sending it.
    //
    // Scattered, when groups are equal and the inner algorithm can do it: the ranks with local number j form a column, with one rank of each group,
    // and column j works on part j of the data. An allreduce is a reduce-scatter inside, an allreduce in each column, and an allgather inside; a
    // reduce-scatter leaves out the last, and an allgather the first. The parts of columns are disjoint, so every rank's link to the outside carries
    // its share, 1/s of what one rank's would.
    //
    // Led, otherwise: the first rank of a group (the root of its own) leads it. An allreduce is a reduce to the leader, an allreduce of leaders, and
    // a broadcast inside. Blocks are gathered at the leader or scattered by it, and leaders pass the blocks of their groups together, however many
    // these are. Rooted collectives are always led.
    //
    // Replicated, when groups are equal and the inner algorithm can do nothing but an allreduce: one inside, then one of everything in each column.
    // That is most traffic, but fewest steps.
    //
    // A barrier is one inside and one in each column; where groups are unequal, one inside, one of leaders, and another inside.
    private readonly CollectiveKind _collective;
    private readonly HierarchyLevel _level;
    private readonly NodeMap _groups;
    private readonly int _root;
    private readonly Algorithm _outer;
    private readonly NodeMap? _outerNodes;

    /// <summary>Plans.</summary>
    /// <param name="levels">The levels, inner ones first.</param>
    /// <param name="spec">What is asked for.</param>
    /// <param name="outer">What the levels above the first make.</param>
    public HierarchyPlan(ImmutableArray<HierarchyLevel> levels, ScheduleSpec spec, Algorithm outer)
    {
        (_collective, _level, _root, _outer) = (spec.Collective, levels[0], spec.Root, outer);
        _groups = _level.Groups(spec.NodesOrOne);
        _outerNodes = levels.Length > 2 ? NodesOfGroups(spec.NodesOrOne, levels[1]) : null;

        HierarchyForm form = HierarchyForms.For(_collective, _level.Name, IsEqual);
        if (form == HierarchyForm.None)
        {
            WhyNot = $"'{_level.Name}' cannot work inside groups of {(IsEqual ? "equal" : "different")} size; "
                + $"{string.Join(", ", HierarchyForms.InnerNames(_collective, IsEqual))} can";
            return;
        }

        Chunks = _collective.HasOwners() ? Schedule.OwnedChunks(spec.Ranks)
            : Schedule.EqualChunks(form == HierarchyForm.Scattered && _collective == CollectiveKind.AllReduce ? _groups.RanksPerNode : 1);
        Phases = [.. form switch { HierarchyForm.Scattered => Scattered(), HierarchyForm.Led => Led(), _ => Replicated() }];
        WhyNot = Phases.SelectMany(parts => parts).Select(FaultOf).FirstOrDefault(fault => fault != null);
    }

    /// <summary>Why the hierarchy cannot be used, or null.</summary>
    public string? WhyNot { get; }

    /// <summary>The chunks on which the parts work, all alike.</summary>
    public ImmutableArray<Chunk> Chunks { get; } = [];

    /// <summary>The phases in order; the parts of one run side by side.</summary>
    public ImmutableArray<ImmutableArray<HierarchyPart>> Phases { get; } = [];

    private bool IsEqual => _groups.RanksPerNode > 0;

    private ImmutableArray<int> Everything => [.. Enumerable.Range(0, Chunks.Length)];

    private ImmutableArray<HierarchyPart>[] Scattered() => _collective switch
    {
        CollectiveKind.AllReduce =>
        [
            Inside(CollectiveKind.ReduceScatter, (_, local) => [local]),
            AcrossColumns(local => [[local]]),
            Inside(CollectiveKind.AllGather, (_, local) => [local]),
        ],
        CollectiveKind.ReduceScatter => [Inside(_collective, (_, local) => Column(local)), AcrossColumns(local => Each(Column(local)))],
        CollectiveKind.AllGather => [AcrossColumns(local => Each(Column(local))), Inside(_collective, (_, local) => Column(local))],
        _ => Replicated(),
    };

    private ImmutableArray<HierarchyPart>[] Led() => _collective switch
    {
        CollectiveKind.AllReduce => [Inside(CollectiveKind.Reduce), AcrossLeaders(), Inside(CollectiveKind.Broadcast)],
        CollectiveKind.ReduceScatter => [Inside(CollectiveKind.Reduce), AcrossLeaders(), Inside(CollectiveKind.Scatter, OwnBlock)],
        CollectiveKind.AllGather => [Inside(CollectiveKind.Gather, OwnBlock), AcrossLeaders(), Inside(CollectiveKind.Broadcast)],
        CollectiveKind.Reduce => [Inside(_collective), AcrossLeaders()],
        CollectiveKind.Gather => [Inside(_collective, OwnBlock), AcrossLeaders()],
        CollectiveKind.Broadcast => [AcrossLeaders(), Inside(_collective)],
        CollectiveKind.Scatter => [AcrossLeaders(), Inside(_collective, OwnBlock)],
        _ => [Inside(_collective), AcrossLeaders(), Inside(_collective)],
    };

    private ImmutableArray<HierarchyPart>[] Replicated() => [Inside(_collective), AcrossColumns(_ => [Everything])];

    private static ImmutableArray<int> OwnBlock(ImmutableArray<int> members, int local) => [members[local]];

    private static ImmutableArray<ImmutableArray<int>> Each(ImmutableArray<int> blocks) => [.. blocks.Select(block => ImmutableArray.Create(block))];

    private ImmutableArray<int> Column(int local) => [.. _groups.Members.Select(members => members[local])];

    private int LeaderOf(int group) => _collective.HasRoot() && _groups.NodeOf(_root) == group ? _root : _groups.Members[group][0];

    /// <summary>A phase inside every group; with the block of each member, or all of them working on everything.</summary>
    private ImmutableArray<HierarchyPart> Inside(CollectiveKind kind, Func<ImmutableArray<int>, int, ImmutableArray<int>>? blockOf = null)
    {
        Algorithm algorithm = AlgorithmCatalog.Known(kind, _level.Name)!;
        var parts = ImmutableArray.CreateBuilder<HierarchyPart>();
        for (int group = 0; group < _groups.Nodes; group++)
        {
            ImmutableArray<int> members = _groups.Members[group];
            if (members.Length == 1)
                continue;
            var spec = new ScheduleSpec(kind, members.Length) { Root = _groups.LocalRankOf(LeaderOf(group)) };
            parts.Add(new(algorithm, spec, members, blockOf == null ? [Everything] : [.. members.Select((_, local) => blockOf(members, local))]));
        }

        return parts.ToImmutable();
    }

    /// <summary>A phase of the groups' leaders, each with the blocks of its group.</summary>
    private ImmutableArray<HierarchyPart> AcrossLeaders() =>
        Across([[.. Enumerable.Range(0, _groups.Nodes).Select(LeaderOf)]], _ => _collective.HasOwners() ? _groups.Members : [Everything]);

    /// <summary>A phase in every column.</summary>
    private ImmutableArray<HierarchyPart> AcrossColumns(Func<int, ImmutableArray<ImmutableArray<int>>> blocksOf) =>
        Across([.. Enumerable.Range(0, _groups.RanksPerNode).Select(Column)], blocksOf);

    private ImmutableArray<HierarchyPart> Across(ImmutableArray<int>[] columns, Func<int, ImmutableArray<ImmutableArray<int>>> blocksOf)
    {
        if (_groups.Nodes == 1)
            return [];
        var spec = new ScheduleSpec(_collective, _groups.Nodes) { Root = _collective.HasRoot() ? _groups.NodeOf(_root) : 0, Nodes = _outerNodes };
        return [.. columns.Select((ranks, local) => new HierarchyPart(_outer, spec, ranks, blocksOf(local)))];
    }

    private static string? FaultOf(HierarchyPart part) =>
        part.Algorithm.Unusable(part.Spec) is { } why ? $"its part '{part.Algorithm.Name}' cannot be used on {part.Spec.Ranks} ranks: {why}" : null;

    /// <summary>
    /// Which groups the next level sees together: those of one node if nodes have several; else, where that level has no size, as many neighbours as
    /// come nearest to a square of groups.
    /// </summary>
    private NodeMap NodesOfGroups(NodeMap nodes, HierarchyLevel next)
    {
        int groups = _groups.Nodes;
        if (nodes.Nodes > 1 && nodes.Nodes < groups)
            return new([.. _groups.Members.Select(members => nodes.NodeOf(members[0]))]);
        if (next.GroupSize > 0)
            return NodeMap.Single(groups);
        int side = (int)Math.Sqrt(groups);
        while (groups % side != 0)
            side--;
        return NodeMap.Blocks(groups, side);
    }
}
