using System.Collections.Immutable;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>One message to each other node, handed out there.</summary>
internal static class ByNodeAllToAll
{
    // Idea. A rank sends all that it has for the ranks of another node in one message to the rank there that has its own local number: its blocks for
    // neighbouring targets are neighbours. That rank keeps its own block and hands the others out, beside the blocks of its own for its node. So
    // N-1 messages of s blocks leave a rank for other nodes where a direct exchange sends s(N-1) of one; the bytes between nodes are the same, and each
    // block from another node travels once more inside. Handed-out blocks come from different ranks, are no neighbours, and go one by one.
    // What passes through a rank on its way to another lies in a scratch buffer, for an all-to-all has no place for it among a rank's data.
    // Cost. n is what one rank sends and keeps, for N nodes of s ranks: (N-1) alpha across and N(s-1) alpha inside, ((N-1)/N + (s-1)/s) n beta.
    // Wins for short blocks where a message between nodes costs much more than one inside.
    // Source: Träff and Rougier, "MPI collectives and datatypes for hierarchical all-to-all communication", EuroMPI/Asia 2014.
    private const string Name = "by-node";

    public static Algorithm Algorithm { get; } =
        new(CollectiveKind.AllToAll, Name, Create, Seconds, "(N-1)α across + N(s-1)α inside + ((N-1)/N + (s-1)/s) nβ, n one rank's data, N nodes of s ranks")
        {
            Aliases = ["hierarchical", "two-level"],
            IsForNodes = true,
            WinsFor = "short blocks, messages between nodes much dearer than inside",
            Unusable = spec => spec.Nodes is { RanksPerNode: 0 } ? "its nodes have different numbers of ranks" : null,
        };

    private static Schedule Create(ScheduleSpec spec)
    {
        NodeMap nodes = spec.NodesOrOne;
        BufferId passing = BufferId.Scratch(1);
        return ProgramWriter.MakeSchedule(spec, Name, Schedule.PairChunks(spec.Ranks), (program, rank) =>
        {
            int node = nodes.NodeOf(rank), local = nodes.LocalRankOf(rank);
            ImmutableArray<ChunkRange> here = Neighbours(nodes.Members[node]);
            int[] others = [.. Enumerable.Range(0, nodes.Nodes).Where(other => other != node)];
            foreach (ImmutableArray<int> there in others.Select(other => nodes.Members[other]))
            {
                LaneWriter outgoing = program.Lane(), incoming = program.Lane();
                foreach (ChunkRange targets in Neighbours(there))
                    outgoing.Send(there[local], Blocks(rank, targets));
                foreach (ChunkRange targets in here)
                    incoming.Recv(there[local], Blocks(there[local], targets), passing);
                incoming.Copy(passing, BufferId.Data, Blocks(there[local], new(rank, 1)));
            }

            foreach (int member in nodes.Members[node].Where(member => member != rank))
            {
                LaneWriter outgoing = program.Lane(), incoming = program.Lane();
                outgoing.Send(member, Blocks(rank, new(member, 1)));
                incoming.Recv(member, Blocks(member, new(rank, 1)));
                foreach (ImmutableArray<int> there in others.Select(other => nodes.Members[other]))
                {
                    outgoing.Send(member, Blocks(there[local], new(member, 1)), passing);
                    incoming.Recv(member, Blocks(there[nodes.LocalRankOf(member)], new(rank, 1)));
                }
            }
        });

        ChunkRange Blocks(int source, ChunkRange targets) => targets with { First = (source * spec.Ranks) + targets.First };
    }

    /// <summary>The fewest runs of neighbouring ranks.</summary>
    private static ImmutableArray<ChunkRange> Neighbours(ImmutableArray<int> ranks)
    {
        var runs = new List<ChunkRange>();
        foreach (int rank in ranks)
        {
            if (runs.Count > 0 && runs[^1].End == rank)
                runs[^1] = runs[^1] with { Count = runs[^1].Count + 1 };
            else
                runs.Add(new(rank, 1));
        }

        return [.. runs];
    }

    /// <summary>How many runs there are; a choice between algorithms should allocate nothing.</summary>
    private static int Runs(ImmutableArray<int> ranks)
    {
        int runs = 1;
        for (int i = 1; i < ranks.Length; i++)
            runs += ranks[i] == ranks[i - 1] + 1 ? 0 : 1;
        return runs;
    }

    private static double Seconds(ScheduleSpec spec, long bytes, CostModel model)
    {
        NodeMap nodes = spec.NodesOrOne;
        int across = nodes.Nodes - 1, inside = nodes.RanksPerNode - 1;
        int runs = 0;
        foreach (ImmutableArray<int> members in nodes.Members)
            runs = Math.Max(runs, Runs(members));
        double block = (double)bytes / spec.Ranks / spec.Ranks;
        return (((across * runs) + (nodes.Nodes * inside)) * model.Alpha) + (((across * nodes.RanksPerNode) + (nodes.Nodes * inside)) * block * model.Beta);
    }
}
