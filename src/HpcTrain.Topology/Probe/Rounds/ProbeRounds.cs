using System.Numerics;

namespace HpcTrain.Topology;

/// <summary>Which streams run together: the rounds of a probe. Pure functions, so that all ranks plan alike.</summary>
public static class ProbeRounds
{
    // Idea. Three questions, n log n rounds for n ranks.
    //
    // Sweep: what do pairs get when all are busy? A 1-factorisation of the complete graph, by the circle method: rank n-1 stays, the others move on by one
    // place each round, and opposite places are pairs. n - 1 rounds (n, when that is odd) hold each pair exactly once.
    //
    // Alone: what does a pair get when nothing else moves? All n(n-1)/2 pairs would be too many rounds; the pairs at distances 1, 2, 4, ... are at most
    // n log2 n, and reach every rank, every node and every level of a network of switches. Few pairs are all measured. They come shuffled, by the same
    // shuffle on all ranks, so that whatever the time allows is a fair sample.
    //
    // Fan: are a rank's links its own, or is there one port for all? One rank exchanges with several others at once: 1 round per rank for peers on its own
    // node, 1 for peers on others. The peers are those that the sweep found fastest and slowest, so that each kind of link that a rank has is there twice.
    private const int PairsAllAlone = 64;
    private const int Seed = 20402;

    /// <summary>The most peers of a rank in a fan.</summary>
    public const int MostFanPeers = 8;

    /// <summary>Rounds of disjoint pairs, each pair of ranks in exactly one of them.</summary>
    public static IReadOnlyList<ProbeRound> Sweep(int ranks)
    {
        int places = ranks + (ranks % 2), moving = places - 1;
        var rounds = new List<ProbeRound>();
        for (int turn = 0; turn < moving; turn++)
        {
            var pairs = new List<(int, int)> { (turn, moving) };
            for (int step = 1; step < places / 2; step++)
                pairs.Add(((turn + step) % moving, (turn - step + moving) % moving));
            rounds.Add(ProbeRound.Of(ProbePhase.Sweep, pairs.Where(pair => pair.Item1 < ranks && pair.Item2 < ranks)));
        }

        return rounds;
    }

    /// <summary>Rounds of a single pair: all pairs of few ranks, at most n log2 n of many, shuffled.</summary>
    public static IReadOnlyList<ProbeRound> Alone(int ranks)
    {
        IEnumerable<(int A, int B)> pairs = ranks * (ranks - 1L) / 2 <= PairsAllAlone
            ? from a in Enumerable.Range(0, ranks) from b in Enumerable.Range(a + 1, ranks - a - 1) select (a, b)
            : from level in Enumerable.Range(0, BitOperations.Log2((uint)ranks - 1) + 1)
              let distance = 1 << level
              from a in Enumerable.Range(0, ranks)
              let b = (a + distance) % ranks
              select (Math.Min(a, b), Math.Max(a, b));
        (int A, int B)[] chosen = [.. pairs.Distinct()];
        new Random(Seed).Shuffle(chosen);
        return [.. chosen.Select(pair => ProbeRound.Of(ProbePhase.Alone, [pair]))];
    }

    /// <summary>Rounds of one rank with peers on its own node, or with peers on others, where there are at least two.</summary>
    /// <param name="nodeOf">The node of each rank.</param>
    /// <param name="sweep">The rate of a stream in the sweep.</param>
    public static IReadOnlyList<ProbeRound> Fans(IReadOnlyList<int> nodeOf, Func<ProbeStream, double> sweep)
    {
        var rounds = new List<ProbeRound>();
        for (int rank = 0; rank < nodeOf.Count; rank++)
        {
            foreach (bool isLocal in (bool[])[true, false])
            {
                int[] peers = [.. Enumerable.Range(0, nodeOf.Count)
                    .Where(peer => peer != rank && nodeOf[peer] == nodeOf[rank] == isLocal).OrderBy(peer => sweep(new(rank, peer)))];
                if (peers.Length > MostFanPeers)
                    peers = [.. peers[..(MostFanPeers / 2)], .. peers[^(MostFanPeers / 2)..]];
                if (peers.Length > 1)
                    rounds.Add(ProbeRound.Of(ProbePhase.Fan, peers.Select(peer => (rank, peer))));
            }
        }

        return rounds;
    }
}
