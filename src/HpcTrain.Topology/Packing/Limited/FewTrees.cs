using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>
/// As much as a limited number of trees carries: collectives with few lanes, each with its own buffers and its own start-up, for the price of some bandwidth.
/// </summary>
/// <remarks>
/// <para>
/// If the exact packing has few enough trees, it is the plan. Of small graphs all choices of trees are tried, and the best is proven. Otherwise two ways are gone, and
/// the better result taken: trees of equal weight, for every number up to the limit as heavy as they can be (<see cref="EqualTrees"/>), whose weights a linear
/// programme then raises where links have something left; and the exact packing, of which the tree that a linear programme gives the least weight is dropped until few
/// enough are left.
/// </para>
/// <para>On all eight GPUs of a DGX-1V an allreduce reaches 7/8 of its optimum with three trees, and all of it with seven.</para>
/// </remarks>
public static class FewTrees
{
    /// <summary>Plans a broadcast.</summary>
    /// <param name="graph">The links.</param>
    /// <param name="root">The rank that has the data.</param>
    /// <param name="most">The most trees, at least 1.</param>
    /// <exception cref="TopologyException">As <see cref="ArborescencePacking.Plan"/>, or there may be no tree.</exception>
    public static LimitedPacking PlanBroadcast(LinkGraph graph, int root, int most)
    {
        RequireOne(most);
        TreePacking exact = ArborescencePacking.Plan(graph, root);
        if (exact.Trees.Length <= most)
            return new(exact, true);
        var choice = new Choice(graph, exact, most);
        if (choice.TryAll(root))
            return choice.Result(proven: true);
        choice.DropLightest();
        if (graph.Nodes.Length == graph.Ranks)
        {
            for (int count = 1; count <= most; count++)
                choice.Offer(EqualTrees.Directed(graph, [root], count));
        }

        return choice.Result(proven: false);
    }

    /// <summary>Plans an allreduce.</summary>
    /// <param name="graph">Links between ranks; of a link whose directions differ, the lesser counts.</param>
    /// <param name="most">The most trees, at least 1.</param>
    /// <exception cref="TopologyException">As <see cref="SpanningTreePacking.Plan"/>, or there may be no tree.</exception>
    public static LimitedPacking PlanAllReduce(LinkGraph graph, int most)
    {
        RequireOne(most);
        TreePacking exact = SpanningTreePacking.Plan(graph);
        if (exact.Trees.Length <= most)
            return new(exact, true);
        TwoWayLinks links = TwoWayLinks.Of(graph);
        var choice = new Choice(links.Graph, exact, most);
        if (choice.TryAll(0))
            return choice.Result(proven: true);
        choice.DropLightest();
        for (int count = 1; count <= most; count++)
            choice.Offer(EqualTrees.Undirected(links, count));

        return choice.Result(proven: false);
    }

    /// <summary>Plans an allgather: as many trees of equal weight for every root.</summary>
    /// <param name="graph">The links.</param>
    /// <param name="most">The most trees, at least one for each rank.</param>
    /// <exception cref="TopologyException">As <see cref="ForestPacking.PlanAllGather"/>, or there may be fewer trees than ranks.</exception>
    public static LimitedPacking PlanAllGather(LinkGraph graph, int most)
    {
        if (most < graph.Ranks)
            throw new TopologyException($"An allgather has a tree for each of its {graph.Ranks} ranks; allow at least {graph.Ranks}, not {most}.");
        TreePacking exact = ForestPacking.PlanAllGather(graph);
        if (exact.Trees.Length <= most)
            return new(exact, true);
        int[] roots = [.. Enumerable.Range(0, graph.Ranks)];
        TreePacking best = DirectLinks.All(graph)
            .SelectMany(direct => Enumerable.Range(1, most / graph.Ranks).Select(count => direct.OverPaths(EqualTrees.Directed(direct.Graph, roots, count))))
            .Select(trees => exact with { Method = PackingMethod.FewTrees, Trees = trees })
            .MaxBy(packing => packing.Rate)!;
        return new(best, best.Rate == best.Optimum);
    }

    private static void RequireOne(int most)
    {
        if (most < 1)
            throw new TopologyException($"A plan of at most {most} trees carries nothing; allow at least 1.");
    }

    /// <summary>The best trees so far.</summary>
    private sealed class Choice(LinkGraph graph, TreePacking exact, int most)
    {
        private readonly Dictionary<(int From, int To), int> _numbers = graph.Links.Index().ToDictionary(pair => (pair.Item.From, pair.Item.To), pair => pair.Index);
        private readonly Rational[] _bandwidths = [.. graph.Links.Select(link => link.Bandwidth)];
        private ImmutableArray<PackedTree> _best = [];

        /// <summary>Looks for the best of all choices of trees; of a small graph only.</summary>
        public bool TryAll(int root)
        {
            if (TreeSearch.AllTrees(graph, root) is not { } all)
                return false;
            ImmutableArray<PackedTree> trees =
                [.. all.Select(tree => new PackedTree(root, Rational.One, [.. tree.Select(link => new TreeEdge(link.From, link.To, [link.From, link.To]))]))];
            if (TreeSearch.Best([.. trees.Select(Uses)], _bandwidths, Math.Min(most, trees.Length)) is not { } best)
                return false;
            Offer([.. best.Select(number => trees[number])]);
            return true;
        }

        /// <summary>Drops trees of the exact packing until few enough are left.</summary>
        public void DropLightest()
        {
            ImmutableArray<PackedTree> trees = exact.Trees;
            while (trees.Length > most)
                trees = Weigh(trees.Remove(trees.MinBy(tree => tree.Weight)!));
            Offer(trees);
        }

        /// <summary>Takes trees, with better weights, if they carry more than the best so far.</summary>
        public void Offer(ImmutableArray<PackedTree> trees)
        {
            trees = Weigh(trees);
            if (_best.IsEmpty || Rate(trees) > Rate(_best))
                _best = trees;
        }

        public LimitedPacking Result(bool proven) => new(exact with { Method = PackingMethod.FewTrees, Trees = _best }, proven || Rate(_best) == exact.Optimum);

        private static Rational Rate(ImmutableArray<PackedTree> trees) => trees.Aggregate(Rational.Zero, (sum, tree) => sum + tree.Weight);

        /// <summary>The best weights of trees; those that get none are left out.</summary>
        private ImmutableArray<PackedTree> Weigh(ImmutableArray<PackedTree> trees)
        {
            Rational[] weights = PackingSimplex.Solve([.. trees.Select(Uses)], _bandwidths);
            return [.. trees.Zip(weights, (tree, weight) => tree with { Weight = weight }).Where(tree => tree.Weight.Sign > 0)];
        }

        private int[] Uses(PackedTree tree)
        {
            IEnumerable<(int From, int To)> along = tree.Edges.SelectMany(edge => edge.Path.Zip(edge.Path.Skip(1)));
            return [.. (exact.Collective == PackedCollective.AllReduce ? along.Concat(along.Select(link => (link.To, link.From))) : along).Select(link => _numbers[link])];
        }
    }
}

/// <summary>A plan of few trees.</summary>
/// <param name="Packing">The plan; its optimum is that of any number of trees.</param>
/// <param name="IsBest">Whether no plan of so few trees carries more: it is proven. Otherwise it is the best that was found.</param>
public sealed record LimitedPacking(TreePacking Packing, bool IsBest)
{
    /// <summary>The part of the optimum that the limit costs, from 0 to less than 1.</summary>
    public Rational Price => Rational.One - Packing.Share;
}
