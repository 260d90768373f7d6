using System.Collections.Immutable;

namespace HpcTrain.Topology.Tests;

/// <summary>A probe of a known graph: streams share links fairly, and what is measured has noise.</summary>
internal sealed class SyntheticProbe(LinkGraph graph, double noise = 0.05, int seed = 1)
{
    private readonly Random _random = new(seed);

    /// <summary>All rounds of a probe that has the time; the boxes of ranks are their nodes.</summary>
    public ProbeMeasurements Run()
    {
        int[] boxes = [.. graph.Nodes.Take(graph.Ranks).Select(node => node.Box)], nodes = [.. boxes.Distinct()];
        ImmutableArray<int> nodeOf = [.. boxes.Select(box => Array.IndexOf(nodes, box))];
        List<ProbeObservation> done = [.. ProbeRounds.Sweep(graph.Ranks).Select(Measure)];
        Dictionary<ProbeStream, double> rates = done.SelectMany(each => each.Round.Streams.Zip(each.Rates)).ToDictionary(each => each.First, each => each.Second);
        done.AddRange(ProbeRounds.Alone(graph.Ranks).Concat(ProbeRounds.Fans(nodeOf, stream => rates[stream])).Select(Measure));
        return new(nodeOf, [.. nodes.Select(box => $"node{box}")], [.. done]);
    }

    public InferredLinks Infer() => LinkInference.Infer(Run(), "probed");

    private ProbeObservation Measure(ProbeRound round)
    {
        Link[][] paths = [.. round.Streams.Select(stream => Path(stream.From, stream.To))];
        double Noisy(double value) => value * (1 + (noise * ((2 * _random.NextDouble()) - 1)));
        return new(round, [.. FairRates(paths).Select(Noisy)], [.. paths.Select(path => round.Phase == ProbePhase.Fan ? double.NaN : Noisy(path.Sum(link => link.LatencySeconds)))]);
    }

    /// <summary>The way with the fewest links; data do not pass through other ranks.</summary>
    private Link[] Path(int from, int to)
    {
        var ways = new Dictionary<int, Link[]> { [from] = [] };
        var open = new Queue<int>([from]);
        while (!ways.ContainsKey(to))
        {
            int node = open.Dequeue();
            foreach (Link link in graph.LinksFrom(node).Where(link => (link.To == to || graph.Nodes[link.To].IsTransit) && !ways.ContainsKey(link.To)))
            {
                ways.Add(link.To, [.. ways[node], link]);
                open.Enqueue(link.To);
            }
        }

        return ways[to];
    }

    /// <summary>Max-min fairness: the link with the least left for each of its streams sets their rate, and so on without them.</summary>
    private static double[] FairRates(Link[][] paths)
    {
        var rates = new double[paths.Length];
        Dictionary<Link, double> left = paths.SelectMany(path => path).Distinct().ToDictionary(link => link, link => (double)link.Bandwidth);
        HashSet<int> open = [.. Enumerable.Range(0, paths.Length)];
        while (open.Count > 0)
        {
            (Link tight, double rate) = left.Keys.Select(link => (link, Users: open.Count(stream => paths[stream].Contains(link))))
                .Where(each => each.Users > 0).Select(each => (each.link, left[each.link] / each.Users)).MinBy(each => each.Item2);
            foreach (int stream in open.Where(stream => paths[stream].Contains(tight)).ToArray())
            {
                rates[stream] = rate;
                open.Remove(stream);
                foreach (Link link in paths[stream])
                    left[link] -= rate;
            }
        }

        return rates;
    }
}
