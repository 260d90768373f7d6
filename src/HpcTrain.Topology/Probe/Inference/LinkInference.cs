using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>What a probe found.</summary>
/// <param name="Graph">The links: ranks, hosts and NICs where ranks share one, a switch in the middle where all go through one.</param>
/// <param name="Findings">What was found to be shared, and by whom, one sentence each.</param>
/// <param name="Alone">The rate of each pair alone, by sender and receiver, in 10^9 bytes per second.</param>
/// <param name="Busy">The rate of each pair while all ranks are busy.</param>
/// <param name="Latencies">Of each pair, in seconds.</param>
public sealed record InferredLinks(LinkGraph Graph, ImmutableArray<string> Findings, RankMatrix Alone, RankMatrix Busy, RankMatrix Latencies);

/// <summary>Makes a link graph of measurements: a pure function.</summary>
public static class LinkInference
{
    // Idea. Two streams that slow each other down share a link. What slows what is asked of three kinds of rounds (see ProbeRounds), and the pairs of ranks are
    // explained kind by kind: first those within each node, then those between nodes. Of a set of pairs that is yet to be explained:
    //
    //   1. If ranks that exchange with several others at once (fans) get no more than with the fastest of them alone, each rank has one port: the pairs become a
    //      star, ranks around a switch (a host within a node), with links as fast as the ports. The rate of a pair is then that of its slower port, which is
    //      how one slow node in a fast network is told from one slow link.
    //   2. If disjoint pairs slow each other down in the sweep, they share something behind their ranks: a star, too, with what sharing leaves to each. Between
    //      nodes it is looked for node by node: what all ranks of a node together send and receive in the sweep is the capacity of its NIC, which then
    //      stands between these ranks and the switch.
    //   3. Otherwise the fastest class of pairs is looked at by itself. Classes are rates that differ by more than noise. If fans over that class alone
    //      add up, each pair has a link of its own; these pairs are explained, and it goes on with the rest: behind NVLinks or direct cables come to light the
    //      slower pairs that take the long way and share it.
    //   4. If they do not add up, ranks have ports that are wider than one link: a star with the sum as its width.
    //
    // In the end rates and latencies become classes, whatever they belong to, so that equal links have equal numbers (RateClasses). Links of stars
    // are alike in both directions, by the lesser of the two, for planners need switches that give out as much as they take in; links between ranks keep
    // a rate for each direction. Not found: switches behind switches (pairs that only some switch uplink slows get the rate of their ports),
    // and what pairs within nodes share with pairs between them.
    /// <summary>Infers links.</summary>
    /// <param name="measurements">All rounds; at least two ranks.</param>
    /// <param name="name">What the topology will be called.</param>
    public static InferredLinks Infer(ProbeMeasurements measurements, string name)
    {
        var table = new RateTable(measurements);
        var draft = new LinkDraft(measurements);
        var findings = new List<string>();
        for (int node = 0; node < measurements.Hosts.Length; node++)
        {
            int here = node;
            new PairExplanation(table, draft, findings, node).Explain(Pairs(measurements, (a, b) => a == here && b == here));
        }

        new PairExplanation(table, draft, findings, node: null).Explain(Pairs(measurements, (a, b) => a != b));
        return new(draft.ToGraph(name), [.. findings], new(measurements.Ranks, table.Alone), new(measurements.Ranks, table.Sweep), new(measurements.Ranks, table.Latency));
    }

    private static IEnumerable<(int A, int B)> Pairs(ProbeMeasurements measurements, Func<int, int, bool> areNodes)
    {
        for (int a = 0; a < measurements.Ranks; a++)
        {
            for (int b = a + 1; b < measurements.Ranks; b++)
            {
                if (areNodes(measurements.NodeOf[a], measurements.NodeOf[b]))
                    yield return (a, b);
            }
        }
    }
}
