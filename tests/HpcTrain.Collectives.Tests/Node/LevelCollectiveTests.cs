using System.Runtime.InteropServices;
using HpcTrain.Collectives.Tests.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Node;

/// <summary>Collectives over several nodes of several ranks: through the memory of nodes and by messages between them, over threads.</summary>
[TestFixture]
public sealed unsafe class LevelCollectiveTests
{
    private static readonly CommunicatorOptions s_options = new() { StallTimeout = TimeSpan.FromSeconds(20) };
    private static readonly CollectiveKind[] s_kinds = Enum.GetValues<CollectiveKind>();
    private static readonly string[] s_maps = ["2x2", "2x3", "/0,1,1,0,2,2"];

    [Test]
    public void Every_collective_gives_what_it_owes(
        [ValueSource(nameof(s_kinds))] CollectiveKind collective, [ValueSource(nameof(s_maps))] string map, [Values] bool visible)
    {
        NodeMap nodes = NodeMap.Parse(map, Ranks(map));
        bool isInOrder = nodes.IsInOrder;
        RunOnNodes(map, visible, visible ? null : 7, communicator =>
        {
            var random = new Random((int)collective);
            foreach (int count in (int[])[0, 1, 2, 13, 97, 2048, 2049, 20_011])
            {
                for (int i = 0; i < 2; i++)
                {
                    var test = new NodeCase(collective, nodes.Ranks, ElementType.I32, ReduceOp.Sum, count, random.Next(nodes.Ranks), InPlace: i == 1, random.Next(10_000));
                    byte* buffer = (byte*)NativeMemory.AlignedAlloc((nuint)test.BufferBytes, 64);
                    CollectiveResult result = test.Run(communicator, buffer);
                    bool isByMessages = collective is CollectiveKind.AllToAll or CollectiveKind.Gather or CollectiveKind.Scatter
                        || (!isInOrder && collective is CollectiveKind.ReduceScatter or CollectiveKind.AllGather);
                    Assert.That(result.Path, isByMessages ? Is.EqualTo("in-process") : Does.EndWith("+in-process"), $"{test}");
                    NativeMemory.AlignedFree(buffer);
                }
            }
        });
    }

    [TestCase("2x3")]
    [TestCase("4x2")]
    [TestCase("/0,1,0,1,0,1")]
    public void An_all_to_all_by_node_is_right(string map) => RunOnNodes(map, visible: false, mischief: 7, communicator =>
    {
        foreach (int count in (int[])[0, 1, 13, 2049])
        {
            var test = new NodeCase(CollectiveKind.AllToAll, Ranks(map), ElementType.I32, ReduceOp.Sum, count, Root: 0, InPlace: count == 13, count);
            byte* buffer = (byte*)NativeMemory.AlignedAlloc((nuint)test.BufferBytes, 64);
            Assert.That(test.Run(communicator, buffer, new() { Algorithm = "by-node" }).Algorithm, Is.EqualTo("by-node"));
            NativeMemory.AlignedFree(buffer);
        }
    });

    [Test]
    public void Every_type_and_operation_is_reduced([Values("2x2", "2x3")] string map, [Values(7, 10_001)] int count, [Values] bool visible) =>
        RunOnNodes(map, visible, null, communicator =>
        {
            foreach (ElementType type in ReferenceReduction.Types)
            {
                foreach (ReduceOp op in ReferenceReduction.OpsFor(type))
                {
                    foreach (CollectiveKind collective in (CollectiveKind[])[CollectiveKind.AllReduce, CollectiveKind.ReduceScatter, CollectiveKind.Reduce])
                    {
                        var test = new NodeCase(collective, Ranks(map), type, op, count, Root: Ranks(map) - 1, InPlace: false, (int)op);
                        byte* buffer = (byte*)NativeMemory.AlignedAlloc((nuint)test.BufferBytes, 64);
                        test.Run(communicator, buffer);
                        NativeMemory.AlignedFree(buffer);
                    }
                }
            }
        });

    [Test]
    public void All_ranks_get_the_same_bits([Values(1000, 50_001)] int count)
    {
        float[][] results = new float[6][];
        RunOnNodes("2x3", visible: true, null, communicator =>
        {
            var random = new Random(communicator.Rank);
            float[] buffer = [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * MathF.Pow(10, random.Next(6)))];
            communicator.AllReduce<float>(buffer, ReduceOp.Avg);
            results[communicator.Rank] = buffer;
        });
        Assert.That(results.Skip(1), Is.All.EqualTo(results[0]));
    }

    [Test]
    public void Many_may_be_under_way_and_complete_in_any_order([ValueSource(nameof(s_maps))] string map, [Values] bool visible) =>
        RunOnNodes(map, visible, visible ? 3 : null, communicator =>
        {
            int ranks = Ranks(map);
            var random = new Random(ranks);
            NodeCase.CompleteInAnyOrder(communicator, [.. Enumerable.Range(0, 16).Select(i => new NodeCase(
                s_kinds[random.Next(s_kinds.Length)], ranks, ElementType.I32, ReduceOp.Sum, random.Next(2) == 0 ? random.Next(50) : random.Next(60_000), random.Next(ranks), false, i))]);
        });

    [Test]
    public void Contributions_are_multiplied_beforehand([Values(5, 40_001)] int count, [Values] bool visible, [Values] bool inPlace) =>
        RunOnNodes("2x2", visible, null, communicator =>
        {
            float* buffer = (float*)NativeMemory.Alloc((nuint)count * 2, sizeof(float));
            new Span<float>(buffer, count).Fill(communicator.Rank + 1);
            float* destination = inPlace ? buffer : buffer + count;
            communicator.Run(CollectiveCall.AllReduce(buffer, destination, count, ElementType.F32, ReduceOp.PreMulSum) with { Factor = 10 * (communicator.Rank + 1) });
            Assert.That(new Span<float>(destination, count).ToArray(), Is.All.EqualTo(300));
            NativeMemory.Free(buffer);
        });

    [Test]
    public void Buffers_of_the_communicator_are_not_copied()
    {
        RunOnNodes("2x2", visible: false, null, communicator =>
        {
            using CollectiveBuffer<float> buffer = communicator.Allocate<float>(100_000);
            buffer.Span.Fill(communicator.Rank);
            CollectiveResult result = communicator.AllReduce(buffer.Pointer, buffer.Count, ElementType.F32);
            Assert.That((result.Path, result.SentBytes), Is.EqualTo(("buffers+in-process", 200_000L)));
            Assert.That(buffer.Span.ToArray(), Is.All.EqualTo(6));
            Assert.That(communicator.AllReduce<float>(new float[100_000]).Path, Is.EqualTo("staged+in-process"));
            Assert.That(communicator.AllReduce<float>(new float[10]).Path, Is.EqualTo("slots+in-process"));
        });
    }

    [Test]
    public void An_algorithm_that_is_asked_for_runs()
    {
        RunOnNodes("2x2", visible: true, null, communicator =>
        {
            float[] buffer = new float[100_000];
            foreach ((string asked, string path) in ((string, string)[])
                [("ring", "in-process"), ("hierarchy:direct+ring", "buffers+in-process"), ("hierarchy:ring+ring", "in-process"), ("hierarchy:direct+direct", "buffers+in-process")])
            {
                CollectiveResult result = communicator.AllReduce<float>(buffer, ReduceOp.Sum, new() { Algorithm = asked });
                Assert.That((result.Algorithm, result.Path), Is.EqualTo((asked, path)));
                Assert.That(communicator.Explain(CollectiveCall.AllReduce(null, null, buffer.Length, ElementType.F32), new() { Algorithm = asked }).Path, Is.EqualTo(path));
            }
        });
    }

    [Test]
    public void A_rank_that_does_not_come_is_named([Values(0, 2)] int missing)
    {
        var fabric = new InProcessFabric(4, new() { Nodes = NodeMap.Parse("2x2", 4) });
        var errors = new ScheduleException?[4];
        RankThreads.Run(4, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], new() { StallTimeout = TimeSpan.FromSeconds(0.5) });
            if (rank != missing)
                errors[rank] = Assert.Throws<ScheduleException>(() => communicator.AllReduce<float>(new float[100]));
        });
        int neighbour = missing ^ 1, other = neighbour ^ 2;
        Assert.That(errors[neighbour]!.Message, Does.Contain($"node {missing / 2}, numbering ranks {missing & 2}, {(missing & 2) + 1} from 0: ").And.Contain("waits for rank 0 to call it"));
        Assert.That(errors[other]!.Message, Does.Contain("rail 1, numbering ranks 1, 3 from 0: "));
    }

    [Test]
    public void Nothing_is_allocated_per_call([Values] bool visible)
    {
        long allocated = 0;
        RunOnNodes("2x2", visible, null, communicator =>
        {
            float[] shortOne = new float[100], longOne = new float[100_000], parts = new float[400_000];
            void Rounds()
            {
                for (int i = 0; i < 8; i++)
                {
                    communicator.AllReduce<float>(shortOne);
                    communicator.AllReduce<float>(longOne);
                    communicator.Broadcast<float>(longOne, 1);
                    communicator.ReduceScatter<float>(parts, longOne);
                    communicator.AllGather<float>(longOne, parts);
                    communicator.Barrier();
                }
            }

            Rounds();
            Interlocked.Add(ref allocated, Allocation.LeastOf(windows: 3, Rounds));
        });
        Assert.That(allocated, Is.Zero);
    }

    private static int Ranks(string map) => map.StartsWith('/') ? map.Length / 2 : (map[0] - '0') * (map[2] - '0');

    private static void RunOnNodes(string map, bool visible, int? mischief, Action<CollectiveCommunicator> body)
    {
        int ranks = Ranks(map);
        var fabric = new InProcessFabric(ranks, new() { Nodes = NodeMap.Parse(map, ranks), SeesAllMemory = visible, MischiefSeed = mischief });
        RankThreads.Run(ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], s_options);
            body(communicator);
        });
    }
}
