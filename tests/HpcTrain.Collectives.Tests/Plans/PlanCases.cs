using System.Collections.Immutable;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Tests.Plans;

/// <summary>Plans for machines and networks, as the planners make them.</summary>
internal static class PlanCases
{
    /// <summary>The machines and networks beside the DGX-1V.</summary>
    public static readonly string[] Others = ["dgx-a100", "dgx-a100:boxes=2", "dgx-a100:boxes=4", "mi250", "mi250:boxes=2", "dgx2", "fat-tree:k=4", "dragonfly:a=3,p=1,h=1", "ring:n=5", "torus:dims=3x4", "hypercube:d=3", "full:n=6"];

    /// <summary>All allocations of a DGX-1 that hang together, of so many GPUs; of those that are alike but for the order of their GPUs, one.</summary>
    public static IEnumerable<LinkGraph> Dgx1(string machine, int gpus)
    {
        LinkGraph box = BuiltInTopologies.Create(machine);
        var known = new HashSet<string>();
        for (uint set = 0; set < 1 << box.Ranks; set++)
        {
            if (System.Numerics.BitOperations.PopCount(set) != gpus)
                continue;
            LinkGraph mine = box.Allocate([.. Enumerable.Range(0, box.Ranks).Where(gpu => (set >> gpu & 1) == 1)]);
            if (mine.UnreachableFrom(0).Count == 0 && known.Add(Likeness(mine)))
                yield return mine;
        }
    }

    /// <summary>The same for graphs that are alike but for the order of their ranks: the least of the matrices that the orders give.</summary>
    private static string Likeness(LinkGraph graph) => Orders([.. Enumerable.Range(0, graph.Ranks)], 0)
        .Select(order => string.Concat(order.SelectMany(from => order.Select(to => (char)('0' + (int)((graph.LinkBetween(from, to)?.Bandwidth ?? 0) / 5).Numerator)))))
        .Min(StringComparer.Ordinal)!;

    private static IEnumerable<int[]> Orders(int[] ranks, int from)
    {
        if (from == ranks.Length)
            yield return ranks;
        for (int next = from; next < ranks.Length; next++)
        {
            (ranks[from], ranks[next]) = (ranks[next], ranks[from]);
            foreach (int[] order in Orders(ranks, from + 1))
                yield return order;
            (ranks[from], ranks[next]) = (ranks[next], ranks[from]);
        }
    }

    /// <summary>The plans of each collective: exact ones, and Blink's where it can.</summary>
    public static IEnumerable<LinkPlan> Of(LinkGraph graph)
    {
        bool isDirect = graph.Nodes.Length == graph.Ranks;
        LinkPlan scatter = LinkPlan.Of(graph, ForestPacking.PlanReduceScatter(graph), "forest"), gather = LinkPlan.Of(graph, ForestPacking.PlanAllGather(graph), "forest");
        yield return LinkPlan.Of(graph, ArborescencePacking.Plan(graph, graph.Ranks - 1), "trees");
        yield return scatter;
        yield return gather;
        yield return Both(scatter, gather);
        if (!isDirect)
            yield break;
        yield return LinkPlan.Of(graph, SpanningTreePacking.Plan(graph), "trees");
        yield return LinkPlan.Of(graph, BlinkPacking.PlanBroadcast(graph, 0), "blink");
        yield return LinkPlan.Of(graph, BlinkPacking.PlanAllReduce(graph), "blink");
    }

    /// <summary>NCCL's rings over direct links or one switch, if there are any: of an allreduce and a broadcast.</summary>
    public static IEnumerable<LinkPlan> Rings(LinkGraph graph) =>
        graph.Ranks > 8 || RingRate.Find(graph, PackedCollective.AllReduce) is not { Rings: > 0 } ? []
            : new[] { PackedCollective.AllReduce, PackedCollective.Broadcast }.Select(collective => LinkPlanner.Plan(graph, new() { Planner = PlanPlanner.Rings, Collective = collective, Root = graph.Ranks - 1 }));

    /// <summary>A reduce-scatter and an allgather as an allreduce: each tree up goes with the trees down of its root, as far as their weights meet.</summary>
    public static LinkPlan Both(LinkPlan scatter, LinkPlan gather)
    {
        var trees = ImmutableArray.CreateBuilder<PlanTree>();
        for (int root = 0; root < scatter.Graph.Ranks; root++)
        {
            var ups = new Queue<PlanTree>(scatter.Trees.Where(tree => tree.Root == root));
            foreach (PlanTree down in gather.Trees.Where(tree => tree.Root == root))
            {
                for (Rational left = down.Weight; left.Sign > 0;)
                {
                    PlanTree up = ups.Dequeue();
                    Rational weight = Rational.Min(left, up.Weight);
                    trees.Add(new(root, weight / 2, up.In, down.Out));
                    left -= weight;
                    if (up.Weight > weight)
                        ups = new([up with { Weight = up.Weight - weight }, .. ups]);
                }
            }
        }

        return scatter with { Collective = PackedCollective.AllReduce, Method = "reduce-scatter+allgather", Optimum = scatter.Optimum / 2, Trees = trees.ToImmutable() };
    }

    /// <summary>Random trees of random weights, as many as wanted, up and down different ones. Their edges are links of no graph.</summary>
    public static LinkPlan Random(int seed, int ranks, int trees, PackedCollective collective)
    {
        var random = new Random(seed);
        LinkGraph graph = BuiltInTopologies.Create($"ring:n={Math.Max(3, ranks)}").Allocate([.. Enumerable.Range(0, ranks)]);
        bool isOwned = collective is PackedCollective.AllGather or PackedCollective.ReduceScatter;
        ImmutableArray<PlanTree> all =
        [
            .. Enumerable.Range(0, trees).Select(t =>
            {
                int root = collective == PackedCollective.Broadcast ? 0 : isOwned ? t % ranks : random.Next(ranks);
                Rational weight = isOwned ? 1 : new Rational(random.Next(1, 9), random.Next(1, 7));
                return new PlanTree(
                    root, weight,
                    collective is PackedCollective.AllReduce or PackedCollective.ReduceScatter ? Edges(root, isUp: true) : [],
                    collective == PackedCollective.ReduceScatter ? [] : Edges(root, isUp: false));
            }),
        ];
        return new(graph, collective, "random", 1000, all, new([], [], 1, 1));

        ImmutableArray<TreeEdge> Edges(int root, bool isUp)
        {
            var reached = new List<int> { root };
            var edges = ImmutableArray.CreateBuilder<TreeEdge>();
            int[] others = [.. Enumerable.Range(0, ranks).Where(rank => rank != root)];
            random.Shuffle(others);
            foreach (int far in others)
            {
                int near = reached[random.Next(reached.Count)];
                edges.Add(isUp ? new(far, near, [far, near]) : new(near, far, [near, far]));
                reached.Add(far);
            }

            return edges.ToImmutable();
        }
    }
}
