using System.Runtime.InteropServices;
using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>The public face on real ranks, under both MPIs.</summary>
public sealed unsafe class MpiAllReduceTests
{
    private static readonly int[] s_lengths = [0, 1, 2, 3, 7, 64, 1000, 4099];
    private static readonly int[] s_segments = [0, 64, 4096];

    [RankTest(1, 2, 3, 4)]
    public void Every_algorithm_type_and_operation_matches_the_reference(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world);
        int round = 0;
        foreach (string algorithm in AlgorithmCatalog.Names(CollectiveKind.AllReduce))
        {
            // Operations take turns; over all types each algorithm meets every one.
            foreach (ElementType type in ReferenceReduction.Types)
            {
                ReduceOp[] ops = ReferenceReduction.OpsFor(type);
                Check(communicator, algorithm, type, ops[round % ops.Length], s_lengths[round % s_lengths.Length], s_segments[round++ % s_segments.Length]);
            }
        }
    }

    [RankTest(2, 3, 4)]
    public void Long_buffers_have_the_same_bits_everywhere(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world);
        foreach (string algorithm in TestAlgorithms.AllReduce)
        {
            var random = new Random(world.Rank);
            var buffer = new float[300_001];
            for (int i = 0; i < buffer.Length; i++)
                buffer[i] = random.NextSingle() - 0.5f;
            communicator.AllReduce<float>(buffer, ReduceOp.Sum, new() { Algorithm = algorithm });

            ulong mine = Hash(MemoryMarshal.AsBytes<float>(buffer));
            Assert.That(world.AllGather(mine), Is.All.EqualTo(mine), algorithm);
        }
    }

    [RankTest(2, 3, 4)]
    public void Requests_complete_in_any_order(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world);
        const int Operations = 12;
        var requests = new CollectiveRequest[Operations];
        var buffers = new CollectiveBuffer<int>[Operations];
        for (int k = 0; k < Operations; k++)
        {
            buffers[k] = communicator.Allocate<int>((500 * k) + 1);
            buffers[k].Span.Fill((k + 1) * (world.Rank + 1));
            var options = new CollectiveOptions { Algorithm = TestAlgorithms.AllReduce[k % TestAlgorithms.AllReduce.Count], SegmentBytes = 512 };
            requests[k] = communicator.AllReduceAsync(buffers[k].Pointer, buffers[k].Count, ElementType.I32, ReduceOp.Sum, options);
        }

        // Each rank waits in an order of its own, so that every rank is needed for operations that it does not wait for.
        int[] order = [.. Enumerable.Range(0, Operations)];
        new Random(world.Rank).Shuffle(order);
        int ranks = world.Size;
        foreach (int k in order)
        {
            Assert.That(requests[k].Wait().Algorithm, Is.EqualTo(TestAlgorithms.AllReduce[k % TestAlgorithms.AllReduce.Count]));
            Assert.That(buffers[k].Span.ToArray(), Is.All.EqualTo((k + 1) * ranks * (ranks + 1) / 2));
        }
    }

    [RankTest(2, 4)]
    public void Nothing_is_allocated_after_the_first_call_of_a_shape(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world);
        using CollectiveBuffer<float> buffer = communicator.Allocate<float>(50_000);
        using CollectiveBuffer<BFloat16> halves = communicator.Allocate<BFloat16>(3000);
        CollectiveOptions[] options = [.. AlgorithmCatalog.Names(CollectiveKind.AllReduce).Select(name => new CollectiveOptions { Algorithm = name, SegmentBytes = 16_384 })];

        void Round()
        {
            foreach (CollectiveOptions how in options)
            {
                CollectiveRequest request = communicator.AllReduceAsync(buffer.Pointer, buffer.Count, ElementType.F32, ReduceOp.Avg, how);
                communicator.AllReduce(halves.Span, ReduceOp.Sum, how);
                request.Wait();
            }
        }

        Round();
        Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 20; round++)
            Round();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [RankTest(2, 3)]
    public void A_rank_that_does_not_come_is_named(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world, new() { StallTimeout = TimeSpan.FromSeconds(0.3) });
        if (world.Rank == 0)
        {
            Assert.That(() => communicator.AllReduce<float>(new float[1 << 20], ReduceOp.Sum, new() { Algorithm = "ring" }),
                Throws.TypeOf<ScheduleException>().With.Message.Contains($"recv-reduce data[{world.Size - 1}] from {world.Size - 1}) waits for rank {world.Size - 1}"));
        }

        world.Barrier();
    }

    private static void Check(CollectiveCommunicator communicator, string algorithm, ElementType type, ReduceOp op, int length, int segmentBytes)
    {
        string what = $"{algorithm} {type} {op} {length} elements, segments of {segmentBytes}";
        byte[][] contributions = [.. Enumerable.Range(0, communicator.Size).Select(rank => ReferenceReduction.Contribution(type, length, (length * 31) + rank))];
        var buffer = (byte[])contributions[communicator.Rank].Clone();
        fixed (byte* data = buffer)
            communicator.AllReduce(data, length, type, op, new() { Algorithm = algorithm, SegmentBytes = segmentBytes });
        for (int i = 0; i < length; i += Math.Max(1, length / 50))
            ReferenceReduction.Check(type, op, contributions, buffer, i, what);
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        // FNV-1a
        ulong hash = 14695981039346656037;
        foreach (byte b in bytes)
            hash = (hash ^ b) * 1099511628211;
        return hash;
    }
}
