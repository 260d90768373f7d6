using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Topo;

/// <summary>What <c>topo show</c> tells of a topology; bandwidths in GB/s.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Fingerprint">What plans are bound to.</param>
/// <param name="Ranks">The number of ranks.</param>
/// <param name="Nics">The number of NICs.</param>
/// <param name="Switches">The number of switches.</param>
/// <param name="Hosts">The number of hosts.</param>
/// <param name="Boxes">The machines, with the ranks in each.</param>
/// <param name="Connected">Whether every rank reaches every other.</param>
/// <param name="Unreachable">Ranks that rank 0 does not reach or that do not reach it.</param>
/// <param name="Links">Links between the same two nodes in one where both directions are alike.</param>
/// <param name="RankBandwidths">What leaves and enters each rank.</param>
internal sealed record TopologyReport(
    string Name, string Fingerprint, int Ranks, int Nics, int Switches, int Hosts, ReportedBox[] Boxes, bool Connected, string[] Unreachable,
    ReportedLink[] Links, ReportedRank[] RankBandwidths)
{
    public static TopologyReport Of(LinkGraph graph)
    {
        int Number(NodeKind kind) => graph.Nodes.Count(node => node.Kind == kind);
        var boxes = graph.Nodes.Index().Take(graph.Ranks).GroupBy(node => node.Item.Box).OrderBy(box => box.Key);
        var links = graph.Links.Where(link => link.From < link.To || !graph.IsTwoWay(link));
        var unreachable = Unreached(graph);
        return new(
            graph.Name, graph.Fingerprint, graph.Ranks, Number(NodeKind.Nic), Number(NodeKind.Switch), Number(NodeKind.Host),
            [.. boxes.Select(box => new ReportedBox(box.Key, [.. box.Select(rank => rank.Index)]))],
            unreachable.Length == 0, [.. unreachable.Select(rank => graph.Nodes[rank].Name)],
            [.. links.Select(link => ReportedLink.Of(graph, link, graph.IsTwoWay(link)))],
            [.. Enumerable.Range(0, graph.Ranks).Select(rank => new ReportedRank(
                rank, graph.Nodes[rank].Name, Sum(graph.LinksFrom(rank)), Sum(graph.LinksTo(rank))))]);
    }

    public string ToJson() => JsonSerializer.Serialize(this, TopologyReportContext.Default.TopologyReport) + "\n";

    /// <summary>A number of things in words: <c>1 rank</c>, <c>2 switches</c>.</summary>
    public static string Count(int number, string thing) => string.Create(
        CultureInfo.InvariantCulture, $"{number} {thing}{(number == 1 ? "" : thing.EndsWith('h') || thing.EndsWith('x') ? "es" : "s")}");

    // Every rank reaches every other when rank 0 reaches all, and all reach it: what it reaches once all links are turned.
    private static int[] Unreached(LinkGraph graph)
    {
        var turned = new LinkGraph(graph.Name, graph.Nodes, graph.Links.Select(link => link with { From = link.To, To = link.From }));
        return [.. graph.UnreachableFrom(0).Union(turned.UnreachableFrom(0)).Order()];
    }

    private static double Sum(IEnumerable<Link> links) => (double)links.Aggregate(Rational.Zero, (sum, link) => sum + link.Bandwidth);
}

/// <summary>A machine and the numbers of its ranks.</summary>
internal sealed record ReportedBox(int Box, int[] Ranks);

/// <summary>A link, or two alike that lead there and back. <c>Ends</c> are the kinds of its nodes.</summary>
internal sealed record ReportedLink(string From, string To, double Bandwidth, bool Both, double LatencyUs, string Name, [property: JsonIgnore] string Ends)
{
    public static ReportedLink Of(LinkGraph graph, Link link, bool both)
    {
        LinkNode from = graph.Nodes[link.From], to = graph.Nodes[link.To];
        var ends = both ? $"{Word(from)} - {Word(to)}" : $"{Word(from)} > {Word(to)}";
        return new(from.Name, to.Name, (double)link.Bandwidth, both, Math.Round(link.LatencySeconds * 1e6, 9), link.Name, ends);
    }

    private static string Word(LinkNode node) => node.Kind == NodeKind.Nic ? "NIC" : node.Kind.ToString().ToLowerInvariant();
}

/// <summary>A rank and the bandwidth of all links that leave and enter it.</summary>
internal sealed record ReportedRank(int Rank, string Name, double Out, double In);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TopologyReport))]
internal sealed partial class TopologyReportContext : JsonSerializerContext;
