using HpcTrain.Collectives;

namespace HpcTrain.Cli.Tune;

/// <summary>A call and what the ways to do it took; the first way is what the library would choose by itself.</summary>
internal sealed record TuneResult(TuneCell Cell, IReadOnlyList<TuneTimes> Times);

/// <summary>Makes rules of measurements: a pure function.</summary>
internal static class RuleMaker
{
    // Idea. The library's own choice stays unless another way is clearly faster: by 5 % of the median, and in three of four rounds. Among the ways that
    // are, the one of the size before stays unless the fastest is clearly faster than it, so that rules do not change to and fro by noise. Neighbouring
    // sizes with the same winner become one rule; where the winner changes, the limit lies in the middle of the two sizes on a logarithmic scale. Rules
    // end at the smallest and the largest size: beyond, nothing was measured.
    private const double ClearGain = 0.95, ClearShare = 0.75;
    private const int LeastRounds = 5;

    /// <summary>The rules of one collective.</summary>
    /// <param name="results">Its sizes in ascending order.</param>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="nodes">Which of them share a node.</param>
    public static IReadOnlyList<TuningRule> Rules(IReadOnlyList<TuneResult> results, int ranks, NodeMap nodes)
    {
        var rules = new List<TuningRule>();
        var winners = Winners(results);
        var least = results[0].Cell.Bytes;
        for (var first = 0; first < results.Count;)
        {
            var last = first;
            while (last + 1 < results.Count && winners[last + 1] == winners[first])
                last++;
            var (cell, winner) = (results[last].Cell, winners[last]);
            var most = last + 1 == results.Count ? cell.Bytes : Limit(winner, cell.Bytes, results[last + 1].Cell.Bytes);
            if (HasName(cell.Collective, winner))
            {
                rules.Add(new(cell.Collective, winner.Algorithm)
                {
                    Ranks = NumberRange.Only(ranks),
                    Nodes = NumberRange.Only(nodes.Nodes),
                    RanksPerNode = nodes.Nodes > 1 && nodes.RanksPerNode > 0 ? NumberRange.Only(nodes.RanksPerNode) : NumberRange.Any,
                    Bytes = new(least, most),
                    SegmentBytes = winner.SegmentBytes,
                });
            }

            (first, least) = (last + 1, most + 1);
        }

        return rules;
    }

    /// <summary>The winner of each size.</summary>
    public static IReadOnlyList<TuneCandidate> Winners(IReadOnlyList<TuneResult> results)
    {
        var winners = new List<TuneCandidate>();
        foreach (var result in results)
            winners.Add(Winner(result.Times, winners.Count > 0 ? winners[^1] : null));
        return winners;
    }

    private static TuneCandidate Winner(IReadOnlyList<TuneTimes> times, TuneCandidate? before)
    {
        var own = times[0];
        var best = times.MinBy(each => each.Median)!;
        if (!IsClearlyFaster(best, own))
            return own.Candidate;
        return times.FirstOrDefault(each => each.Candidate == before) is { } previous && IsClearlyFaster(previous, own) && !IsClearlyFaster(best, previous)
            ? previous.Candidate : best.Candidate;
    }

    private static bool IsClearlyFaster(TuneTimes one, TuneTimes other)
    {
        var rounds = Math.Min(one.Seconds.Count, other.Seconds.Count);
        var won = Enumerable.Range(0, rounds).Count(round => one.Seconds[round] < other.Seconds[round]);
        return rounds >= LeastRounds && one.Median < ClearGain * other.Median && won >= ClearShare * rounds;
    }

    /// <summary>Whether calls may ask for it; a node's barrier through memory is had only by leaving the choice to the library.</summary>
    private static bool HasName(CollectiveKind collective, TuneCandidate winner) =>
        AlgorithmCatalog.Of(collective).Any(algorithm => algorithm.Name == winner.Algorithm);

    private static long Limit(TuneCandidate winner, long bytes, long next)
    {
        // One step in which every rank reduces everything gets no further than it was seen to: on a node it even leaves the slots for messages.
        return winner.Algorithm == "one-shot" ? bytes : (long)Math.Sqrt((double)bytes * next);
    }
}
