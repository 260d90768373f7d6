using System.Runtime.InteropServices;
using HpcTrain.Collectives.Tests.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Node;

/// <summary>Collectives through memory that ranks of a node share, over threads: short and long, in visible and in ordinary memory.</summary>
[TestFixture]
public sealed unsafe class NodeCollectiveTests
{
    private static readonly CommunicatorOptions s_options = new() { StallTimeout = TimeSpan.FromSeconds(20) };
    private static readonly CollectiveKind[] s_kinds = Enum.GetValues<CollectiveKind>();

    [Test]
    public void Every_collective_gives_what_it_owes([ValueSource(nameof(s_kinds))] CollectiveKind collective, [Range(2, 6)] int ranks, [Values] bool visible)
    {
        int seed = ((int)collective * 31) + ranks;
        RunOnNode(ranks, visible, communicator =>
        {
            foreach (NodeCase test in Cases(collective, ranks, seed))
            {
                byte* buffer = (byte*)NativeMemory.AlignedAlloc((nuint)test.BufferBytes, 64);
                string path = test.Run(communicator, buffer).Path;
                bool isExchange = collective == CollectiveKind.AllToAll && test.InPlace;
                Assert.That(path, Is.AnyOf("slots", visible && !isExchange ? "buffers" : "staged"), $"{test}");
                NativeMemory.AlignedFree(buffer);
            }
        });
    }

    [Test]
    public void Every_type_and_operation_is_reduced([Values(2, 3, 4)] int ranks, [Values(7, 30_000)] int count, [Values] bool visible) =>
        RunOnNode(ranks, visible, communicator =>
        {
            foreach (ElementType type in ReferenceReduction.Types)
            {
                foreach (ReduceOp op in ReferenceReduction.OpsFor(type))
                {
                    foreach (CollectiveKind collective in (CollectiveKind[])[CollectiveKind.AllReduce, CollectiveKind.ReduceScatter, CollectiveKind.Reduce])
                    {
                        var test = new NodeCase(collective, ranks, type, op, count, Root: ranks - 1, InPlace: false, (int)op);
                        byte* buffer = (byte*)NativeMemory.AlignedAlloc((nuint)test.BufferBytes, 64);
                        test.Run(communicator, buffer);
                        NativeMemory.AlignedFree(buffer);
                    }
                }
            }
        });

    [Test]
    public void Bits_do_not_depend_on_the_path([Values(3, 4, 5)] int ranks)
    {
        // Sums of these differ by the order of additions.
        const int Count = 50_000;
        float[][] results = [Sum(ranks, Count, visible: true), Sum(ranks, Count, visible: false), [.. SumInParts(ranks, Count)]];
        Assert.That(results[1], Is.EqualTo(results[0]));
        Assert.That(results[2], Is.EqualTo(results[0]));
    }

    [Test]
    public void Many_may_be_under_way_and_complete_in_any_order([Values(2, 3)] int ranks, [Values] bool visible) =>
        RunOnNode(ranks, visible, communicator =>
        {
            var random = new Random(ranks);
            NodeCase.CompleteInAnyOrder(communicator, [.. Enumerable.Range(0, 12).Select(i => new NodeCase(
                s_kinds[random.Next(s_kinds.Length)], ranks, ElementType.I32, ReduceOp.Sum, random.Next(2) == 0 ? random.Next(50) : random.Next(200_000), random.Next(ranks), false, i))]);
        });

    [Test]
    public void Contributions_are_multiplied_beforehand([Values(2, 3)] int ranks, [Values(5, 40_000)] int count, [Values] bool visible, [Values] bool inPlace) =>
        RunOnNode(ranks, visible, communicator =>
        {
            float* buffer = (float*)NativeMemory.Alloc((nuint)count * 2, sizeof(float));
            new Span<float>(buffer, count).Fill(communicator.Rank + 1);
            float* destination = inPlace ? buffer : buffer + count;
            communicator.Run(CollectiveCall.AllReduce(buffer, destination, count, ElementType.F32, ReduceOp.PreMulSum) with { Factor = 10 * (communicator.Rank + 1) });
            float sum = Enumerable.Range(1, ranks).Sum(rank => 10f * rank * rank);
            Assert.That(new Span<float>(destination, count).ToArray(), Is.All.EqualTo(sum));
            NativeMemory.Free(buffer);
        });

    [Test]
    public void Different_calls_are_named([Values] bool longOnes)
    {
        int count = longOnes ? 100_000 : 10;
        var errors = new ScheduleException?[2];
        var fabric = new InProcessFabric(2, new() { IsOneNode = true });
        RankThreads.Run(2, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], s_options);
            errors[rank] = Assert.Throws<ScheduleException>(() => communicator.AllReduce<float>(new float[count + rank], rank == 0 ? ReduceOp.Sum : ReduceOp.Max));
        });
        Assert.That(errors[0]!.Message, Does.Contain($"calls allreduce of {count} f32, sum, but rank 1 calls allreduce of {count + 1} f32, max as its operation 1"));
    }

    [Test]
    public void A_rank_that_does_not_come_is_named()
    {
        var fabric = new InProcessFabric(3, new() { IsOneNode = true });
        using var communicator = new CollectiveCommunicator(fabric[1], new() { StallTimeout = TimeSpan.FromSeconds(0.2) });
        Assert.That(() => communicator.Barrier(), Throws.TypeOf<ScheduleException>().With.Message.Contains("made no progress for 0.2 s in barrier")
            .And.Message.Contains("waits for ranks 0, 2 to call it"));
    }

    [Test]
    public void Nothing_is_allocated_per_call([Values] bool visible)
    {
        long allocated = 0;
        RunOnNode(2, visible, communicator =>
        {
            float[] shortOne = new float[100], longOne = new float[100_000];
            void Round()
            {
                communicator.AllReduce<float>(shortOne);
                communicator.AllReduce<float>(longOne);
                communicator.Broadcast<float>(longOne, 1);
                communicator.Barrier();
            }

            Round();
            Round();
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 50; i++)
                Round();
            Interlocked.Add(ref allocated, GC.GetAllocatedBytesForCurrentThread() - before);
        });
        Assert.That(allocated, Is.Zero);
    }

    private static IEnumerable<NodeCase> Cases(CollectiveKind collective, int ranks, int seed)
    {
        var random = new Random(seed);
        int slots = 16 * 1024 / 4;
        foreach (int count in (int[])[0, 1, 2, ranks - 1, 13, 97, slots / ranks, (slots / ranks) + 1, slots + 1, 20_011, 150_001])
        {
            for (int i = 0; i < 2; i++)
                yield return new(collective, ranks, ElementType.I32, ReduceOp.Sum, count, random.Next(ranks), InPlace: i == 1, random.Next(10_000));
        }
    }

    private static float[] Sum(int ranks, int count, bool visible)
    {
        float[] result = [];
        RunOnNode(ranks, visible, communicator =>
        {
            float[] buffer = Values(communicator.Rank, count);
            Assert.That(communicator.AllReduce<float>(buffer).Algorithm, Is.EqualTo("direct"));
            if (communicator.Rank == 0)
                result = buffer;
        });
        return result;
    }

    private static float[] SumInParts(int ranks, int count)
    {
        float[] result = [];
        RunOnNode(ranks, visible: true, communicator =>
        {
            float[] buffer = Values(communicator.Rank, count);
            for (int from = 0; from < count; from += 1000)
                Assert.That(communicator.AllReduce(buffer.AsSpan(from, 1000)).Algorithm, Is.EqualTo("one-shot"));
            if (communicator.Rank == 0)
                result = buffer;
        });
        return result;
    }

    private static float[] Values(int rank, int count)
    {
        var random = new Random(rank);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * MathF.Pow(10, random.Next(6)))];
    }

    private static void RunOnNode(int ranks, bool visible, Action<CollectiveCommunicator> body)
    {
        var fabric = new InProcessFabric(ranks, new() { IsOneNode = true, SeesAllMemory = visible });
        RankThreads.Run(ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], s_options);
            body(communicator);
        });
    }
}
