using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Collectives.Tests.Node;

/// <summary>Collectives through the shared windows of a node's processes, under both MPIs.</summary>
public sealed unsafe class NodeMpiTests
{
    [RankTest(2, 3, 4)]
    public void Buffers_of_the_communicator_need_no_copies(Intracommunicator world) => RunAll(world, ofCommunicator: true);

    [RankTest(2, 3, 4)]
    public void Ordinary_memory_is_staged(Intracommunicator world) => RunAll(world, ofCommunicator: false);

    [RankTest(3)]
    public void Ranks_may_mix_buffers(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world);
        using CollectiveBuffer<byte> shared = communicator.Allocate<byte>(1 << 20);
        var ordinary = new byte[1 << 20];
        var test = new NodeCase(CollectiveKind.AllReduce, world.Size, ElementType.I32, ReduceOp.Sum, 30_000, 0, InPlace: false, Seed: 1);
        fixed (byte* memory = ordinary)
            Assert.That(test.Run(communicator, world.Rank == 1 ? memory : shared.Pointer).Path, Is.EqualTo("staged"));
    }

    [RankTest(2, 4)]
    public void Without_shared_memory_everything_is_a_message(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world, new() { SharesMemory = false });
        using CollectiveBuffer<byte> buffer = communicator.Allocate<byte>(1 << 20);
        var test = new NodeCase(CollectiveKind.AllReduce, world.Size, ElementType.F32, ReduceOp.Avg, 20_000, 0, InPlace: true, Seed: 2);
        Assert.That(test.Run(communicator, buffer.Pointer).Path, Is.EqualTo("mpi"));
    }

    [RankTest(4)]
    public void Sub_communicators_work_side_by_side(Intracommunicator world)
    {
        using Intracommunicator half = world.Split(world.Rank % 2, world.Rank)!;
        using var pair = new CollectiveCommunicator(half);
        using var all = new CollectiveCommunicator(world);
        for (int round = 0; round < 20; round++)
        {
            int[] inPair = [world.Rank], inAll = [world.Rank];
            pair.AllReduce(inPair.AsSpan());
            all.AllReduce(inAll.AsSpan());
            Assert.That((inPair[0], inAll[0]), Is.EqualTo((2 * (world.Rank % 2) + 2, 6)));
        }
    }

    private static void RunAll(Intracommunicator world, bool ofCommunicator)
    {
        using var communicator = new CollectiveCommunicator(world);
        using CollectiveBuffer<byte> shared = communicator.Allocate<byte>(4 << 20);
        var ordinary = new byte[4 << 20];
        fixed (byte* memory = ordinary)
        {
            byte* buffer = ofCommunicator ? shared.Pointer : memory;
            foreach (CollectiveKind collective in Enum.GetValues<CollectiveKind>())
            {
                foreach (int count in (int[])[0, 1, 11, 1000, 30_000, 90_001])
                {
                    for (int i = 0; i < 2; i++)
                    {
                        var test = new NodeCase(collective, world.Size, ElementType.I32, ReduceOp.Sum, count, count % world.Size, InPlace: i == 1, Seed: count);
                        bool isExchange = collective == CollectiveKind.AllToAll && test.InPlace;
                        Assert.That(test.Run(communicator, buffer).Path, Is.AnyOf("slots", ofCommunicator && !isExchange ? "buffers" : "staged"), $"{test}");
                    }
                }
            }
        }
    }
}
