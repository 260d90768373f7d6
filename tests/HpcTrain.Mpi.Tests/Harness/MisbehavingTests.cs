using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

/// <summary>
/// Rank tests that fail, hang, crash and skip. NUnit passes them by, because the class is abstract; <see cref="HarnessTests"/> has
/// the harness run them and looks at the verdicts.
/// </summary>
public abstract class MisbehavingTests
{
    [RankTest(2, TimeoutSeconds = 20)]
    public static void Good(Intracommunicator world) => Assert.That(world.AllReduce(1, MpiOp.Sum), Is.EqualTo(2));

    [RankTest(2, TimeoutSeconds = 20)]
    public static void Fails_on_one_rank(Intracommunicator world) => Assert.That(world.Rank, Is.EqualTo(1), "the rank");

    [RankTest(2, TimeoutSeconds = 20)]
    public static void Throws_on_all_ranks() => throw new InvalidDataException("no such shard");

    [RankTest(2, TimeoutSeconds = 20)]
    public static void Crashes_on_one_rank(Intracommunicator world)
    {
        if (world.Rank != 1)
            return;
        Console.Error.WriteLine("last words");
        Environment.Exit(5);
    }

    [RankTest(2, TimeoutSeconds = 20)]
    public static void Skips_on_all_ranks() => Assert.Ignore("not on this machine");

    [RankTest(2, TimeoutSeconds = 20)]
    public static void Fails_while_another_rank_waits(Intracommunicator world)
    {
        if (world.Rank == 0)
            Assert.Fail("rank 0 gives up");
        world.Receive<int>(0, 0);
    }

    [RankTest(2, TimeoutSeconds = 1)]
    public static void Hangs_on_one_rank(Intracommunicator world)
    {
        if (world.Rank == 1)
        {
            Console.WriteLine("still here");
            Thread.Sleep(Timeout.Infinite);
        }
    }

    [RankTest(2, TimeoutSeconds = 20)]
    public static void Good_after_all_that(Intracommunicator world) => Assert.That(world.AllReduce(1, MpiOp.Sum), Is.EqualTo(2));
}
