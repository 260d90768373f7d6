using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>A link graph in the making, with rates as they were measured; the graph has them as classes.</summary>
internal sealed class LinkDraft
{
    private readonly List<LinkNode> _nodes = [];
    private readonly List<(int From, int To, double Rate, double Latency, string Name)> _links = [];

    public LinkDraft(ProbeMeasurements measurements)
    {
        for (int rank = 0; rank < measurements.Ranks; rank++)
            _nodes.Add(new(NodeKind.Rank, $"rank{rank}", measurements.NodeOf[rank]));
    }

    /// <summary>Adds a node that data pass through, under the name or the first like it that is free.</summary>
    public int Add(NodeKind kind, string name, int box)
    {
        string free = name;
        for (int number = 2; _nodes.Any(node => node.Name == free); number++)
            free = $"{name}{number}";
        _nodes.Add(new(kind, free, box));
        return _nodes.Count - 1;
    }

    public void ConnectOneWay(int from, int to, double rate, double latency, string name) => _links.Add((from, to, rate, latency, name));

    /// <summary>Links two nodes alike in both directions: what a switch takes in and gives out must be equal.</summary>
    public void Connect(int a, int b, double rate, double latency, string name)
    {
        ConnectOneWay(a, b, rate, latency, name);
        ConnectOneWay(b, a, rate, latency, name);
    }

    public LinkGraph ToGraph(string name)
    {
        const double LeastLatency = 1e-9;
        ImmutableArray<double> rates = RateClasses.Of([.. _links.Select(link => link.Rate)]);
        ImmutableArray<double> latencies = RateClasses.Of([.. _links.Select(link => Math.Max(link.Latency, LeastLatency))]);
        int[] order = [.. Enumerable.Range(0, _nodes.Count).OrderBy(node => _nodes[node].Kind)];
        int[] numbers = new int[order.Length];
        for (int place = 0; place < order.Length; place++)
            numbers[order[place]] = place;
        return new(name, order.Select(node => _nodes[node]), _links.Select((link, index) =>
            new Link(numbers[link.From], numbers[link.To], RateClasses.Rounded(rates[index]), Microseconds(latencies[index]) / 1e6, link.Name)));
    }

    // Divided last, so that files show as few digits as there are.
    private static double Microseconds(double seconds) => seconds < 2e-9 ? 0 : (double)RateClasses.Rounded(seconds * 1e6);
}
