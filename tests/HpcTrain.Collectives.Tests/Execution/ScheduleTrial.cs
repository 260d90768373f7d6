using System.Numerics;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>Runs a schedule of any collective over in-process ranks, and holds what they end with against a scalar reference.</summary>
internal static class ScheduleTrial
{
    private static readonly CommunicatorOptions s_options = new() { StallTimeout = TimeSpan.FromSeconds(15) };

    /// <summary>Runs it on 32-bit integers, whose sums are exact, and checks every element.</summary>
    /// <param name="schedule">The schedule; the communicator verifies it first.</param>
    /// <param name="count">The elements of a block, or of the whole buffer where there are no blocks.</param>
    public static void Check(Schedule schedule, int count)
    {
        int[][] results = Run(schedule, count, Contribution);
        for (int rank = 0; rank < schedule.Ranks; rank++)
        {
            for (int i = 0; i < results[rank].Length; i++)
            {
                if (results[rank][i] != Expected(schedule, count, rank, i))
                    Assert.Fail($"{schedule}: element {i} on rank {rank} is {results[rank][i]} instead of {Expected(schedule, count, rank, i)}");
            }
        }
    }

    /// <summary>Runs it and gives what each rank ends with; nothing for ranks that receive nothing.</summary>
    public static unsafe T[][] Run<T>(Schedule schedule, int count, Func<int, int, T> contribution)
        where T : unmanaged, INumber<T>
    {
        CollectiveKind kind = schedule.Collective;
        int all = count * schedule.Ranks;
        bool givesBlock = kind is CollectiveKind.AllGather or CollectiveKind.Gather, takesBlock = kind is CollectiveKind.ReduceScatter or CollectiveKind.Scatter;
        int inputs = kind.HasOwners() && !givesBlock ? all : count, outputs = kind.HasOwners() && !takesBlock ? all : count;
        var results = new T[schedule.Ranks][];
        var fabric = new InProcessFabric(schedule.Ranks, new() { MischiefSeed = count });
        RankThreads.Run(schedule.Ranks, rank =>
        {
            T[] source = [.. Enumerable.Range(0, inputs).Select(i => contribution(rank, i))];
            T[] destination = kind == CollectiveKind.Broadcast ? source : new T[outputs];
            using var communicator = new CollectiveCommunicator(fabric[rank], s_options);
            fixed (T* from = source, to = destination)
            {
                communicator.Run(
                    new() { Collective = kind, Source = from, Destination = to, Count = count, Type = ElementTypes.Of<T>(), Op = ReduceOp.Sum, Root = schedule.Root ?? 0 },
                    new() { Schedule = schedule, SegmentBytes = 64 });
            }

            bool receives = kind is not (CollectiveKind.Reduce or CollectiveKind.Gather) || rank == schedule.Root;
            results[rank] = receives ? destination : [];
        });
        return results;
    }

    private static int Contribution(int rank, int i) => unchecked((int)((uint)((rank * 1_000_003) + i + 1) * 2_654_435_761u));

    private static int Expected(Schedule schedule, int count, int rank, int i)
    {
        int root = schedule.Root ?? 0;
        return schedule.Collective switch
        {
            CollectiveKind.AllReduce or CollectiveKind.Reduce => Sum(i),
            CollectiveKind.ReduceScatter => Sum((rank * count) + i),
            CollectiveKind.AllGather or CollectiveKind.Gather => Contribution(i / count, i % count),
            CollectiveKind.Broadcast => Contribution(root, i),
            CollectiveKind.Scatter => Contribution(root, (rank * count) + i),
            _ => Contribution(i / count, (rank * count) + (i % count)),
        };

        int Sum(int element) => Enumerable.Range(0, schedule.Ranks).Aggregate(0, (sum, other) => unchecked(sum + Contribution(other, element)));
    }
}
