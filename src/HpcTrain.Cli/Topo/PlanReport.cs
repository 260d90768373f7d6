using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Topo;

/// <summary>A plan as text: what it reaches, what limits it, what it was compared with, and its trees.</summary>
internal static class PlanReport
{
    private const int MostTreesShown = 40, MostEdgesShown = 20, LongestCut = 400;

    /// <summary>The report.</summary>
    /// <param name="plan">A plan of <see cref="LinkPlanner"/>.</param>
    /// <param name="time">What it took to make.</param>
    public static string Of(LinkPlan plan, TimeSpan time)
    {
        var text = new StringBuilder();
        var comparison = plan.Comparison!;
        text.Append(CultureInfo.InvariantCulture, $"{LinkPlanJson.NameOf(plan.Collective)} on {plan.Graph.Name}, {plan.Graph.Ranks} ranks\n\n");
        Line(text, "optimum", $"{Gigabytes(plan.Optimum)}");
        Line(text, "limited by", Shorten(plan.Cut.Describe(plan.Graph)));
        Line(text, "method", plan.Method);
        Line(text, "rate", $"{Gigabytes(plan.Rate)}, {Percent(plan.Share)} of the optimum");
        foreach (var method in comparison.Methods)
            Line(text, "compared", $"{method.Method}: {Gigabytes(method.Optimum)}");
        if (comparison.Limit is { } limit)
        {
            var proven = limit.IsBest ? "no so few trees of the method carry more" : "the best found; more may be possible";
            Line(text, "limit", $"at most {limit.MostTrees} trees cost {Percent(limit.Price)} of the optimum ({proven})");
        }
        Line(text, "NCCL's ring", comparison.Ring is { } ring ? Describe(ring, plan.Rate) : "not covered by the rule of NCCL 2.4.2");
        Line(text, "planned in", string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.#} ms"));
        AppendTrees(text, plan);
        return text.ToString();
    }

    private static string Describe(RingRate ring, Rational rate)
    {
        var what = ring.Rings == 0 ? $"no ring over links between devices, one over the rest at {Number(ring.RingBandwidth)} GB/s" : $"{ring.Rings} rings of {Number(ring.RingBandwidth)} GB/s";
        return $"{Gigabytes(ring.Rate)} ({what}{(ring.IsExhaustive ? "" : ", perhaps more")}); the plan is {Speed(rate / ring.Rate)}";
    }

    private static string Speed(Rational ratio) => ratio == Rational.One ? "as fast" : string.Create(CultureInfo.InvariantCulture, $"{(double)ratio:0.##} times as fast");

    private static void AppendTrees(StringBuilder text, LinkPlan plan)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n{plan.Trees.Length} {(plan.Trees.Length == 1 ? "tree" : "trees")}\n");
        foreach (var (number, tree) in plan.Trees.Take(MostTreesShown).Index())
        {
            var edges = tree.Out.IsEmpty ? tree.In : tree.Out;
            var shown = string.Join("  ", edges.Take(MostEdgesShown).Select(edge => string.Join('-', edge.Path.Select(node => Name(plan.Graph, node)))));
            var more = edges.Length > MostEdgesShown ? $"  and {edges.Length - MostEdgesShown} more" : "";
            text.Append(CultureInfo.InvariantCulture, $"{number,4}  root {tree.Root}, {Gigabytes(tree.Weight)}, depth {Depth(tree.Root, edges)}: {shown}{more}\n");
        }
        if (plan.Trees.Length > MostTreesShown)
            text.Append(CultureInfo.InvariantCulture, $"      and {plan.Trees.Length - MostTreesShown} more; --json writes them all\n");
    }

    private static int Depth(int root, ImmutableArray<TreeEdge> edges)
    {
        var depth = new Dictionary<int, int> { [root] = 0 };
        foreach (var edge in edges)
        {
            var (near, far) = depth.ContainsKey(edge.From) ? (edge.From, edge.To) : (edge.To, edge.From);
            depth[far] = depth[near] + 1;
        }
        return depth.Values.Max();
    }

    // Ranks are called by their number, as a communicator calls them; what data pass through by its name.
    private static string Name(LinkGraph graph, int node) => node < graph.Ranks ? node.ToString(CultureInfo.InvariantCulture) : graph.Nodes[node].Name;

    private static void Line(StringBuilder text, string what, string value) => text.Append(CultureInfo.InvariantCulture, $"  {what,-12}{value}\n");

    private static string Shorten(string text) => text.Length <= LongestCut ? text : $"{text[..(LongestCut * 2 / 3)]} ... {text[^(LongestCut / 3)..]}";

    private static string Gigabytes(Rational rate) => rate.IsInteger ? $"{rate} GB/s" : $"{Number(rate)} GB/s ({rate})";

    private static string Number(Rational value) => ((double)value).ToString("0.###", CultureInfo.InvariantCulture);

    private static string Percent(Rational share) => string.Create(CultureInfo.InvariantCulture, $"{100 * (double)share:0.##}%");
}
