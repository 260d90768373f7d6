using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace HpcTrain.Topology;

/// <summary>What NCCL 2.4.2's rings reach on the same links (<see cref="NcclRings"/>): the usual way, to set a plan beside.</summary>
/// <param name="Rate">In 10^9 bytes of the whole buffer per second (algbw).</param>
/// <param name="Rings">The number of rings between devices; 0 if the only ring goes over the fallback.</param>
/// <param name="RingBandwidth">What each ring carries, in 10^9 bytes per second.</param>
/// <param name="IsExhaustive">Whether the search for rings came to its end.</param>
public sealed partial record RingRate(Rational Rate, int Rings, Rational RingBandwidth, bool IsExhaustive)
{
    internal const int MostRanks = 8;

    private static readonly Rational s_usualFallback = 10;

    /// <summary>The rings of a broadcast or an allreduce over the links between devices, or null where the rule does not cover them.</summary>
    /// <param name="graph">The graph as allocated, with the host's links if they are known.</param>
    /// <param name="collective">The collective.</param>
    /// <param name="fallback">The bandwidth of the ring that goes over the host; null: what the graph says, or 10 GB/s.</param>
    public static RingRate? Find(LinkGraph graph, PackedCollective collective, Rational? fallback = null)
    {
        if (collective is not (PackedCollective.Broadcast or PackedCollective.AllReduce))
            return null;
        LinkGraph devices = HostLinks.Without(graph, [.. Enumerable.Range(0, graph.Nodes.Length)]).Graph;
        if (Search(devices, fallback ?? OverHost(graph) ?? s_usualFallback) is not { } found)
            return null;
        bool isBroadcast = collective == PackedCollective.Broadcast;
        return new(isBroadcast ? found.BroadcastRate : found.AllReduceRate, found.Rings.Length, found.RingBandwidth, found.IsExhaustive);
    }

    /// <summary>The rings over links between devices, or null where the rule does not cover these.</summary>
    internal static NcclRings? Search(LinkGraph devices, Rational fallback) =>
        (devices.Nodes.Length > devices.Ranks ? OneHop.Find(devices) == null : devices.Ranks > MostRanks) ? null : NcclRings.Find(devices, SingleLink(devices), fallback);

    /// <summary>The bandwidth of one link: what names say of bundles (<c>NV2</c>, <c>xGMI x4</c>), or else the common measure of all.</summary>
    private static Rational SingleLink(LinkGraph graph)
    {
        (Link Link, Match Match)[] bundles = [.. graph.Links.Select(link => (link, Bundle().Match(link.Name)))];
        Rational[] singles = [.. bundles.Where(bundle => bundle.Match.Success)
            .Select(bundle => bundle.Link.Bandwidth / BigInteger.Parse(bundle.Match.Groups[1].Value, CultureInfo.InvariantCulture)).Distinct()];
        return singles.Length == 1 && graph.Links.All(link => (link.Bandwidth / singles[0]).IsInteger) ? singles[0]
            : graph.Links.IsEmpty ? Rational.One : ScaledLinks.Whole(graph.Links.Select(link => link.Bandwidth)).Unit;
    }

    /// <summary>What a ring in the order of the ranks carries over the host's links, several of its hops over one link sharing it.</summary>
    internal static Rational? OverHost(LinkGraph graph)
    {
        if (HostLinks.Only(graph) is not { Graph: { } host })
            return null;
        var loads = new LinkLoads(host);
        for (int rank = 0; rank < host.Ranks; rank++)
        {
            if (new TransitPaths(host, rank).To((rank + 1) % host.Ranks) is not { } hop)
                return null;
            loads.Add(hop.Path, 1);
        }

        return loads.MostUnit();
    }

    [GeneratedRegex(@"^(?:NV|xGMI x)([1-9]\d?)$")]
    private static partial Regex Bundle();
}
