using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <content>Reading.</content>
public static partial class LinkPlanJson
{
    /// <summary>Whether a text may be a plan: it has the name of the format near its beginning.</summary>
    public static bool IsPlan(string text) => text.TrimStart().StartsWith('{') && text.AsSpan(0, Math.Min(text.Length, 1000)).Contains($"\"{Format}\"", StringComparison.Ordinal);

    /// <summary>Reads a plan's file and proves it.</summary>
    /// <exception cref="TopologyException">There is no such file, or as for <see cref="Read"/>.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">No permission.</exception>
    public static LinkPlan Load(string path) => File.Exists(path)
        ? Read(File.ReadAllText(path), path)
        : throw new TopologyException(Directory.Exists(path) ? $"{path} is a folder, not a plan; name a file in it." : $"There is no plan {path}; check the path, or write one with 'hpctrain topo plan --json'.");

    /// <summary>Reads a plan and proves it.</summary>
    /// <param name="text">What stands in the file.</param>
    /// <param name="name">What the file is called, in errors.</param>
    /// <exception cref="TopologyException">It is not JSON, something in it is wrong, or the plan does not hold: the message says where and what.</exception>
    public static LinkPlan Read(string text, string name = "plan")
    {
        JsonPlace file = JsonPlace.Parse(text, name);
        file.CheckNames(
            "$schema", "format", "version", "collective", "method", "optimum", "optimum_exact", "rate", "rate_exact", "share", "share_exact", "tau", "tau_exact",
            "reduce_scatter_allgather", "reduce_scatter_allgather_exact", "topology", "fingerprint", "ranks", "cut", "compared", "ring", "limit", "trees", "graph");
        if (file["format"].Text() != Format)
            throw file["format"].Wrong($"'{Format}' is expected");
        if (file["version"].Integer() != Version)
            throw file["version"].Wrong($"Version {file["version"].Integer()} is not known; version {Version} is");
        if (!TryParse(file["collective"].Text(), out PackedCollective collective))
            throw file["collective"].Wrong($"'{file["collective"].Text()}' is not one of {string.Join(", ", Collectives)}");
        LinkGraph graph = LinkGraphJson.Read(file["graph"], name);
        if (file["fingerprint"].Text() != graph.Fingerprint)
            throw file["fingerprint"].Wrong($"The fingerprint {file["fingerprint"].Text()} is not that of the file's graph, {graph.Fingerprint}");
        var plan = new LinkPlan(
            graph, collective, file["method"].Text(), Exact(file, "optimum"), [.. file["trees"].Items.Select(place => ReadTree(place, graph, collective))], ReadCut(file["cut"], graph))
        {
            Comparison = file.Optional("compared") is { } compared ? ReadComparison(file, compared) : null,
        };
        if (LinkPlanCheck.Faults(plan) is [var fault, ..])
            throw file["trees"].Wrong($"The plan does not hold. {fault.TrimEnd('.')}");
        return file.Optional("rate_exact") is { } rate && Exact(file, "rate") != plan.Rate ? throw rate.Wrong($"A rate of {rate.Text()} is given, but the trees carry {plan.Rate}") : plan;
    }

    private static PlanTree ReadTree(JsonPlace place, LinkGraph graph, PackedCollective collective)
    {
        place.CheckNames("root", "weight", "weight_exact", "edges", "in_edges");
        ImmutableArray<TreeEdge> edges = ReadEdges(place["edges"], graph);
        ImmutableArray<TreeEdge>? into = place.Optional("in_edges") is { } given ? ReadEdges(given, graph) : null;
        (ImmutableArray<TreeEdge> up, ImmutableArray<TreeEdge> down) = collective switch
        {
            PackedCollective.AllReduce => (into ?? TreeDirections.Reverse(edges), edges),
            PackedCollective.ReduceScatter => (edges, []),
            _ => (into ?? [], edges),
        };
        return new(place["root"].Integer(), Exact(place, "weight"), up, down);
    }

    private static ImmutableArray<TreeEdge> ReadEdges(JsonPlace list, LinkGraph graph) => [.. list.Items.Select(place =>
    {
        if (place.IsArray)
        {
            if (place.Items.Count != 2)
                throw place.Wrong("Two ranks are expected, [from, to]");
            (int from, int to) = (Node(place.Items[0], graph), Node(place.Items[1], graph));
            return new TreeEdge(from, to, [from, to]);
        }

        place.CheckNames("from", "to", "path");
        return new TreeEdge(Node(place["from"], graph), Node(place["to"], graph), [.. place["path"].Items.Select(node => Node(node, graph))]);
    })];

    private static LimitingCut ReadCut(JsonPlace place, LinkGraph graph)
    {
        place.CheckNames("parts", "links", "bandwidth", "bandwidth_exact", "optimum", "optimum_exact", "text");
        return new(
            [.. place["parts"].Items.Select(part => part.Items.Select(node => Node(node, graph)).ToImmutableArray())],
            [.. place["links"].Items.Select(link => link.Items.Count == 2 && graph.LinkBetween(Node(link.Items[0], graph), Node(link.Items[1], graph)) is { } known
                ? known : throw link.Wrong("A link of the graph is expected, [from, to]"))],
            Exact(place, "bandwidth"),
            Exact(place, "optimum"));
    }

    private static PlanComparison ReadComparison(JsonPlace file, JsonPlace compared)
    {
        ImmutableArray<MethodOptimum> methods = [.. compared.Items.Select(method => new MethodOptimum(method["method"].Text(), Exact(method, "optimum")))];
        RingRate? ring = file.Optional("ring") is { } rings
            ? new(Exact(rings, "rate"), rings["rings"].Integer(), Exact(rings, "ring_bandwidth"), rings["exhaustive"].Boolean()) : null;
        TreeLimit? limit = file.Optional("limit") is { } limits ? new(limits["max_trees"].Integer(), Exact(limits, "price"), limits["best"].Boolean()) : null;
        return new(methods, ring, limit);
    }

    /// <summary>A number, from its exact form.</summary>
    private static Rational Exact(JsonPlace place, string name)
    {
        JsonPlace exact = place[$"{name}_exact"];
        return Rational.TryParse(exact.Text(), out Rational value) ? value : throw exact.Wrong("A fraction as text is expected, \"24/7\"");
    }

    private static int Node(JsonPlace place, LinkGraph graph) => place.Integer() is var node && (uint)node < (uint)graph.Nodes.Length
        ? node : throw place.Wrong($"There is no node {node}; nodes are numbered from 0 to {graph.Nodes.Length - 1}");
}
