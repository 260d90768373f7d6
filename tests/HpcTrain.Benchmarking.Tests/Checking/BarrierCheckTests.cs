using HpcTrain.Benchmarking.Checking;
using HpcTrain.Benchmarking.Measuring;
using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Benchmarking.Tests.Checking;

/// <summary>Barriers that hold and barriers that do not, on real ranks.</summary>
public sealed class BarrierCheckTests
{
    private const int Calls = 12;

    private static readonly RandomBits s_data = new(seed: 7, round: 0);

    [RankTest(2, 3)]
    public void A_barrier_that_holds_is_right(Intracommunicator world) => Assert.That(Early(world, world.Barrier), Is.Zero);

    [RankTest(2, 3)]
    public void A_barrier_that_returns_at_once_is_wrong(Intracommunicator world)
    {
        long? early = Early(world, () => { });
        Assert.That(early, Is.Positive);
        Assert.That(world.AllGather(early!.Value), Is.All.EqualTo(early.Value), "all ranks count alike");
    }

    [RankTest(3)]
    public void A_barrier_that_one_rank_skips_is_wrong(Intracommunicator world)
    {
        // The last rank leaves at once; the two others wait for each other.
        using Intracommunicator others = world.Split(world.Rank == 2 ? 1 : 0)!;
        Assert.That(Early(world, others.Barrier), Is.Positive);
    }

    [RankTest(2)]
    public void Clocks_of_several_machines_tell_nothing(Intracommunicator world)
    {
        Assert.That(Early(world, world.Barrier, world.Rank == 0 ? Guid.NewGuid() : BarrierCheck.Kernel()), Is.Null);
        Assert.That(Early(world, world.Barrier, Guid.Empty), Is.Null, "a kernel that does not say which it is");
    }

    private static long? Early(Intracommunicator world, Action barrier, Guid? kernel = null)
    {
        using var watchdog = new Watchdog(TimeSpan.FromMinutes(1), "rank", _ => { });
        return new BarrierCheck(world, watchdog, kernel ?? BarrierCheck.Kernel()).CountEarly("the barrier", barrier, Calls, s_data);
    }
}
