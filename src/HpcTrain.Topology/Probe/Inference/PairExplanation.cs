namespace HpcTrain.Topology;

/// <summary>Explains pairs of ranks by links, in the steps that <see cref="LinkInference"/> tells: pairs within one node, or those between nodes.</summary>
/// <param name="table">What was measured.</param>
/// <param name="draft">Gets the links.</param>
/// <param name="findings">Gets what was found, in sentences.</param>
/// <param name="node">The node; null for pairs between nodes.</param>
internal sealed class PairExplanation(RateTable table, LinkDraft draft, List<string> findings, int? node)
{
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
            bool isSlowed = SharingEvidence.AreSlowed(SharingEvidence.OfSweep(table, IsOpen));
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
        var fans = new Dictionary<int, SharingEvidence>();
        foreach (ProbeObservation round in table.Measurements.Observations.Where(each => each.Round.Phase == ProbePhase.Fan))
        {
            SharingEvidence both = SharingEvidence.Of(table, round, stream => pairs.Contains(PairOf(stream)));
            if (both.Streams > 2)
                fans[round.Round.Streams[0].From] = new(both.Streams / 2, both.Together / 2, both.Apart / 2, both.Fastest);
        }

        return fans;
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
        Dictionary<int, double> nics = node == null ? SharedNics(ranks) : [];
        bool isShared = isSlowed && nics.Count == 0;
        if (isShared)
        {
            foreach (int rank in ranks)
                ports[rank] = Math.Min(ports[rank], RateClasses.Median(peers[rank].Select(peer => Math.Min(table.Sweep(rank, peer), table.Sweep(peer, rank)))));
        }

        foreach (IGrouping<double, int> alike in ranks.Zip(RateClasses.Of([.. ranks.Select(rank => ports[rank])])).GroupBy(port => port.Second, port => port.First))
        {
            string what = isShared ? "slow each other down; when all are busy each has" : "each has one port of";
            findings.Add($"{Where}: of ranks {string.Join(", ", alike)} {what} {ProbeReport.Number(alike.Key)} GB/s");
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
        return fans.TryGetValue(rank, out SharingEvidence fan) && !fan.IsOnePort ? Math.Max(one, fan.Together) : one;
    }

    /// <summary>The nodes whose ranks slow each other down on the way to others, and what they get together.</summary>
    private Dictionary<int, double> SharedNics(int[] ranks)
    {
        var nics = new Dictionary<int, double>();
        foreach (IGrouping<int, int> members in ranks.GroupBy(rank => table.Measurements.NodeOf[rank]).Where(members => members.Count() > 1))
        {
            int here = members.Key;
            IReadOnlyList<SharingEvidence> leaving = SharingEvidence.OfSweep(table, stream => IsOpen(stream) && table.Measurements.NodeOf[stream.From] == here);
            IReadOnlyList<SharingEvidence> entering = SharingEvidence.OfSweep(table, stream => IsOpen(stream) && table.Measurements.NodeOf[stream.To] == here);
            if (!SharingEvidence.AreSlowed(leaving) && !SharingEvidence.AreSlowed(entering))
                continue;
            nics.Add(here, Math.Min(SharingEvidence.Capacity(leaving), SharingEvidence.Capacity(entering)));
            string apart = ProbeReport.Number(RateClasses.Median(leaving.Select(round => round.Apart)));
            findings.Add($"{table.Measurements.Hosts[here]}: ranks {string.Join(", ", members)} share a NIC of {ProbeReport.Number(nics[here])} GB/s; apart they would have {apart} GB/s");
        }

        return nics;
    }
}
