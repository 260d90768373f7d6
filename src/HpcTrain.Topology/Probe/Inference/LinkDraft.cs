using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>A link graph in the making, with rates as they were measured; the graph has them as classes.</summary>
internal sealed class LinkDraft
{
    private const double NoLatency = 1e-9; // classes are on a logarithmic scale, which has no 0

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
        ImmutableArray<double> rates = RateClasses.Of([.. _links.Select(link => link.Rate)]);
        ImmutableArray<double> latencies = RateClasses.Of([.. _links.Select(link => Math.Max(link.Latency, NoLatency))]);
        int[] order = [.. Enumerable.Range(0, _nodes.Count).OrderBy(node => _nodes[node].Kind)];
        int[] numbers = new int[order.Length];
        for (int place = 0; place < order.Length; place++)
            numbers[order[place]] = place;
        return new(name, order.Select(node => _nodes[node]), _links.Select((link, index) =>
            new Link(numbers[link.From], numbers[link.To], RateClasses.Rounded(rates[index]), RoundedLatency(latencies[index]), link.Name)));
    }

    // Rounded as a fraction, so that files show as few digits as there are.
    private static double RoundedLatency(double seconds) => seconds > NoLatency ? (double)RateClasses.Rounded(seconds) : 0;
}
