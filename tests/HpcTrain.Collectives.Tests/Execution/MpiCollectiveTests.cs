using System.Diagnostics;
using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>Every algorithm of every collective on real ranks, under both MPIs.</summary>
public sealed class MpiCollectiveTests
{
    [RankTest(2, 3, 4)]
    public void Every_algorithm_matches_the_reference(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world);
        int round = 0;
        foreach ((CollectiveKind collective, string name) in TestAlgorithms.All.Where(algorithm => algorithm.Collective != CollectiveKind.Barrier))
        {
            round++;
            int root = collective.HasRoot() ? round % world.Size : 0;
            var test = new CollectiveCase(collective, name, world.Size, root, Count: round * 31, ElementType.I32, InPlace: round % 2 == 0, round);
            (test with { SegmentBytes = 512 }).CheckRank(communicator);
        }
    }

    [RankTest(2, 3, 4)]
    public void Nobody_leaves_a_barrier_before_all_have_come(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world);
        foreach (string algorithm in AlgorithmCatalog.Of(CollectiveKind.Barrier).Select(known => known.Name).Append(AlgorithmCatalog.Auto))
        {
            var options = new CollectiveOptions { Algorithm = algorithm };
            string ran = "";
            Assert.That(EarlyLeavers(world, () => ran = communicator.Barrier(options).Algorithm), Is.Zero, algorithm);
            Assert.That(ran, algorithm == AlgorithmCatalog.Auto ? Is.Not.Empty : Is.EqualTo(algorithm));
        }
    }

    [RankTest(2, 4)]
    public void A_barrier_that_holds_nobody_is_found(Intracommunicator world) => Assert.That(EarlyLeavers(world, () => { }), Is.Positive);

    /// <summary>
    /// How many ranks leave before the last one has entered: each rank comes late in turn. Ranks of these tests run on one machine, whose monotonic
    /// clock they all read.
    /// </summary>
    private static int EarlyLeavers(Intracommunicator world, Action barrier)
    {
        int early = 0;
        for (int call = 0; call < 3 * world.Size; call++)
        {
            world.Barrier();
            if (world.Rank == call % world.Size)
                Thread.Sleep(1);
            long entered = Stopwatch.GetTimestamp();
            barrier();
            long left = Stopwatch.GetTimestamp();
            long last = world.AllGather(entered).Max();
            early += world.AllGather(left).Count(time => time < last);
        }

        return early;
    }
}
