using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>Explains pairs of ranks by links, in the steps that <see cref="LinkInference"/> tells: pairs within one node, or those between nodes.</summary>
/// <param name="table">What was measured.</param>
/// <param name="draft">Gets the links.</param>
/// <param name="findings">Gets what was found, in sentences.</param>
/// <param name="node">The node; null for pairs between nodes.</param>
internal sealed class PairExplanation(RateTable table, LinkDraft draft, List<string> findings, int? node)
{
    private const int StreamsOfPair = 2;
    private const double MostOfFans = 0.9;
    private const double NearFastest = 1.15;

    private readonly HashSet<(int A, int B)> _open = [];

    private string Where => node is { } number ? table.Measurements.Hosts[number] : "between nodes";

    private string LinkName => node == null ? "network" : "memory";

    /// <summary>Explains all pairs, the lower rank first in each.</summary>
    public void Explain(IEnumerable<(int A, int B)> pairs)
    {
        _open.UnionWith(pairs);
        while (_open.Count > 0)
        {
            Dictionary<int, SharingEvidence> fans = Fans(_open);
            bool hasOnePort = fans.Count > 0 && fans.Values.Count(fan => fan.IsOnePort) >= MostOfFans * fans.Count;
            bool isSlowed = SharingEvidence.AreSlowed([.. SharingEvidence.OfSweep(table, IsOpen).Where(round => round.Streams > StreamsOfPair)]);
            HashSet<(int A, int B)> fastest = Fastest();
            if (hasOnePort || isSlowed || SharingEvidence.AreSlowed(Fans(fastest).Values))
            {
                Star(fans, isSlowed);
                return;
            }

            Direct(fastest);
            _open.ExceptWith(fastest);
        }
    }

    private static (int A, int B) PairOf(ProbeStream stream) => (Math.Min(stream.From, stream.To), Math.Max(stream.From, stream.To));

    private bool IsOpen(ProbeStream stream) => _open.Contains(PairOf(stream));

    /// <summary>What each rank gets of several of the pairs at once, the mean of what it sends and what it receives.</summary>
    private Dictionary<int, SharingEvidence> Fans(HashSet<(int A, int B)> pairs)
    {
        var fans = new List<(int Rank, SharingEvidence Fan)>();
        foreach (ProbeObservation round in table.Measurements.Observations.Where(each => each.Round.Phase == ProbePhase.Fan))
        {
            SharingEvidence both = SharingEvidence.Of(table, round, stream => pairs.Contains(PairOf(stream)));
            if (both.Streams > StreamsOfPair)
                fans.Add((round.Round.Streams[0].From, new(both.Streams / 2, both.Together / 2, both.Apart / 2, both.Fastest)));
        }

        // Of several passes the middle one.
        return fans.GroupBy(each => each.Rank, each => each.Fan).ToDictionary(group => group.Key, group => group.OrderBy(fan => fan.Share).ElementAt(group.Count() / 2));
    }

    private HashSet<(int A, int B)> Fastest()
    {
        (int A, int B)[] pairs = [.. _open];
        IReadOnlyList<double> classes = RateClasses.Of([.. pairs.Select(pair => table.Pair(pair.A, pair.B))]);
        double most = classes.Max();
        return [.. pairs.Where((_, index) => classes[index] == most)];
    }

    private void Direct(HashSet<(int A, int B)> pairs)
    {
        foreach ((int a, int b) in pairs)
        {
            draft.ConnectOneWay(a, b, table.Alone(a, b), table.Latency(a, b), LinkName);
            draft.ConnectOneWay(b, a, table.Alone(b, a), table.Latency(b, a), LinkName);
        }

        string rate = ProbeReport.Number(RateClasses.Median(pairs.Select(pair => table.Pair(pair.A, pair.B))));
        findings.Add($"{Where}: {pairs.Count} pair{(pairs.Count == 1 ? " has a link of its own" : "s have links of their own")}, {rate} GB/s");
    }

    private void Star(Dictionary<int, SharingEvidence> fans, bool isSlowed)
    {
        int[] ranks = [.. _open.SelectMany(pair => new[] { pair.A, pair.B }).Distinct().Order()];
        int center = node is { } box ? draft.Add(NodeKind.Host, Where, box) : draft.Add(NodeKind.Switch, "switch", -1);
        ILookup<int, int> peers = _open.SelectMany(pair => new[] { pair, (pair.B, pair.A) }).ToLookup(pair => pair.Item1, pair => pair.Item2);
        Dictionary<int, double> ports = ranks.ToDictionary(rank => rank, rank => Port(rank, peers[rank], fans));
        Dictionary<int, double> nics = node == null ? SharedNics(ports) : [];
        bool isShared = isSlowed && nics.Count == 0;
        if (isShared)
        {
            foreach (int rank in ranks)
                ports[rank] = Math.Min(ports[rank], RateClasses.Median(peers[rank].Select(peer => Math.Min(table.Sweep(rank, peer), table.Sweep(peer, rank)))));
        }

        foreach (IGrouping<double, int> alike in ranks.Zip(RateClasses.Of([.. ranks.Select(rank => ports[rank])])).GroupBy(port => port.Second, port => port.First))
        {
            int[] each = [.. alike];
            string whose = each.Length == 1 ? $"rank {each[0]}" : $"each of ranks {string.Join(", ", each)}", what = $"{ProbeReport.Number(alike.Key)} GB/s";
            findings.Add(isShared ? $"{Where}: pairs slow each other down; when all are busy, {what} are left for {whose}" : $"{Where}: one port of {what} for {whose}");
        }

        var nicNodes = new Dictionary<int, int>();
        foreach (int rank in ranks)
        {
            double latency = RateClasses.Median(peers[rank].Select(peer => table.Latency(rank, peer))) / 2;
            int here = table.Measurements.NodeOf[rank];
            if (!nics.TryGetValue(here, out double capacity))
            {
                draft.Connect(rank, center, ports[rank], latency, LinkName);
                continue;
            }

            if (!nicNodes.TryGetValue(here, out int nic))
            {
                nicNodes.Add(here, nic = draft.Add(NodeKind.Nic, $"{table.Measurements.Hosts[here]}.nic", here));
                draft.Connect(nic, center, capacity, latency, LinkName);
            }

            draft.Connect(rank, nic, ports[rank], 0, LinkName);
        }
    }

    /// <summary>How wide the port of a rank is: what its fastest pairs get, or more where a fan got more.</summary>
    private double Port(int rank, IEnumerable<int> peers, Dictionary<int, SharingEvidence> fans)
    {
        double[] rates = [.. peers.Select(peer => table.Pair(rank, peer))];
        double one = RateClasses.Median(rates.Where(rate => rate * NearFastest >= rates.Max()));
        return fans.TryGetValue(rank, out SharingEvidence fan) && fan.Together > SharingEvidence.OnePort * one ? fan.Together : one;
    }

    /// <summary>The nodes whose ranks slow each other down on the way to others, and what they get together.</summary>
    /// <param name="ports">What each rank reaches alone.</param>
    private Dictionary<int, double> SharedNics(Dictionary<int, double> ports)
    {
        ImmutableArray<int> nodeOf = table.Measurements.NodeOf;
        ILookup<int, SharingEvidence> leaving = ByNode(stream => nodeOf[stream.From]), entering = ByNode(stream => nodeOf[stream.To]);
        var nics = new Dictionary<int, double>();
        foreach (IGrouping<int, int> members in ports.Keys.GroupBy(rank => nodeOf[rank]))
        {
            SharingEvidence[] sent = [.. leaving[members.Key]], received = [.. entering[members.Key]];
            if (!SharingEvidence.AreSlowed(sent) && !SharingEvidence.AreSlowed(received))
                continue;

            // A NIC that one rank fills is as fast as that rank's port: the sum of several measured rates is noisier than the rate of one.
            double together = Math.Min(SharingEvidence.Capacity(sent), SharingEvidence.Capacity(received)), one = members.Max(rank => ports[rank]);
            nics.Add(members.Key, together < SharingEvidence.OnePort * one ? one : together);
            string rate = ProbeReport.Number(nics[members.Key]), apart = ProbeReport.Number(RateClasses.Median(sent.Select(round => round.Apart)));
            findings.Add($"{table.Measurements.Hosts[members.Key]}: ranks {string.Join(", ", members)} share a NIC of {rate} GB/s; apart they would have {apart} GB/s");
        }

        return nics;
    }

    /// <summary>The streams between nodes in each round of the sweep, by one of their two nodes; those rounds where a node has at least two.</summary>
    private ILookup<int, SharingEvidence> ByNode(Func<ProbeStream, int> nodeOf)
    {
        var found = new List<(int Node, SharingEvidence Evidence)>();
        foreach (ProbeObservation round in table.Measurements.Observations.Where(each => each.Round.Phase == ProbePhase.Sweep))
        {
            var sums = new SharingEvidence[table.Measurements.Hosts.Length];
            for (int index = 0; index < round.Rates.Length; index++)
            {
                ProbeStream stream = round.Round.Streams[index];
                if (IsOpen(stream))
                    sums[nodeOf(stream)] = sums[nodeOf(stream)].With(round.Rates[index], table.Alone(stream.From, stream.To));
            }

            found.AddRange(sums.Index().Where(sum => sum.Item.Streams > 1));
        }

        return found.ToLookup(each => each.Node, each => each.Evidence);
    }
}
