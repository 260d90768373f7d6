using HpcTrain.Collectives.Tests.Execution;
using HpcTrain.Collectives.Tests.Node;
using HpcTrain.Kernels;
using ILGPU.Runtime;

namespace HpcTrain.Collectives.Gpu.Tests;

/// <summary>Both paths over ranks that are threads, on ILGPU's CPU accelerator: its memory is the host's, so it can be given to the transport.</summary>
[TestFixture(DevicePath.DevicePointers, false)]
[TestFixture(DevicePath.PinnedStaging, false)]
[TestFixture(DevicePath.PinnedStaging, true)]
public sealed unsafe class InProcessTests(DevicePath path, bool isOneNode)
{
    private const long PieceBytes = 16384, MemoryBytes = 2 << 20;
    private static readonly CommunicatorOptions s_patient = new() { StallTimeout = TimeSpan.FromSeconds(30) };
    private static readonly CollectiveKind[] s_kinds = [.. Enum.GetValues<CollectiveKind>().Where(kind => kind != CollectiveKind.Barrier)];

    // 0, 1, fewer than ranks, one piece, a few pieces, a few more and a remainder.
    private static readonly int[] s_counts = [0, 1, 3, 1000, 9001, 20_011];

    [Test]
    public void Every_collective_has_the_hosts_bits([ValueSource(nameof(s_kinds))] CollectiveKind kind, [Values(1, 2, 3)] int ranks) => OnRanks(
        ranks, isMischievous: kind != CollectiveKind.AllToAll, (communicator, device, rank) =>
    {
        foreach (int count in s_counts)
        {
            for (int i = 0; i < 2; i++)
            {
                var test = new NodeCase(kind, ranks, ElementType.F32, ReduceOp.Sum, count, count % ranks, InPlace: i == 1, Seed: count);
                DeviceCheck.Run(test, communicator, device, rank, new() { SegmentBytes = 8192 });
            }
        }
    });

    [Test]
    public void Every_type_and_operation_has_the_hosts_bits([Values(CollectiveKind.AllReduce, CollectiveKind.ReduceScatter, CollectiveKind.Reduce)] CollectiveKind kind) =>
        OnRanks(ranks: 3, isMischievous: false, (communicator, device, rank) =>
    {
        foreach (ElementType type in ReferenceReduction.Types)
        {
            foreach (ReduceOp op in ReferenceReduction.OpsFor(type))
                DeviceCheck.Run(new(kind, 3, type, op, 5003, Root: 1, InPlace: true, Seed: (int)op), communicator, device, rank);
        }
    });

    [Test]
    public void Every_algorithm_has_the_hosts_bits([Values(2, 3, 4)] int ranks) => OnRanks(ranks, isMischievous: true, (communicator, device, rank) =>
    {
        foreach (Algorithm algorithm in AlgorithmCatalog.All)
        {
            if (algorithm.Collective == CollectiveKind.Barrier || algorithm.Unusable(new(algorithm.Collective, ranks)) != null)
                continue;
            foreach (int count in (int[])[17, 6007])
            {
                var test = new NodeCase(algorithm.Collective, ranks, ElementType.F32, ReduceOp.Avg, count, ranks - 1, InPlace: false, Seed: count);
                DeviceCheck.Run(test, communicator, device, rank, new() { Algorithm = algorithm.Name, SegmentBytes = 4096 });
            }
        }
    });

    [Test]
    public void Sums_of_random_floats_depend_on_no_piece([Values("ring", "halving-doubling")] string algorithm) =>
        OnRanks(ranks: 4, isMischievous: false, (communicator, device, rank) =>
    {
        // Sums that round at every step give away another order.
        const int Count = 50_021;
        var random = new Random(communicator.Rank);
        float[] values = [.. Enumerable.Range(0, Count).Select(_ => (float)random.NextDouble() - 0.5f)];
        values.CopyTo(new Span<float>(rank.Memory, Count));
        CollectiveOptions options = new() { Algorithm = algorithm };
        device.Run(CollectiveCall.AllReduce(rank.Memory, rank.Memory, Count, ElementType.F32), options);
        communicator.AllReduce<float>(values, ReduceOp.Sum, options);
        Assert.That(new Span<float>(rank.Memory, Count).SequenceEqual(values), Is.True);
    });

    [Test]
    public void Factors_are_each_ranks_own() => OnRanks(ranks: 3, isMischievous: false, (communicator, device, rank) =>
    {
        const int Count = 12_345;
        new Span<double>(rank.Memory, Count).Fill(2);
        CollectiveCall call = CollectiveCall.AllReduce(rank.Memory, rank.Memory, Count, ElementType.F64, ReduceOp.PreMulSum);
        device.Run(call with { Factor = communicator.Rank + 1 });
        Assert.That(new Span<double>(rank.Memory, Count).ToArray(), Is.All.EqualTo(12));
    });

    [Test]
    public void Several_may_be_under_way_and_waited_for_in_any_order() => OnRanks(ranks: 3, isMischievous: true, (communicator, device, rank) =>
    {
        const int Count = 10_007, Calls = 6;
        var requests = new DeviceRequest[Calls];
        for (int c = 0; c < Calls; c++)
        {
            var part = (int*)rank.Memory + (c * Count);
            new Span<int>(part, Count).Fill((c + 1) * (communicator.Rank + 1));
            requests[c] = device.Start(CollectiveCall.AllReduce(part, part, Count, ElementType.I32));
        }

        // Ranks wait in different orders.
        for (int c = 0; c < Calls; c++)
            requests[(c + communicator.Rank) % Calls].Wait();
        for (int c = 0; c < Calls; c++)
        {
            Assert.That(requests[c].IsDone && requests[c].Test(), Is.True);
            Assert.That(new Span<int>((int*)rank.Memory + (c * Count), Count).ToArray(), Is.All.EqualTo(6 * (c + 1)));
        }
    });

    [Test]
    public void Views_are_taken_as_they_are() => OnRanks(ranks: 2, isMischievous: false, (communicator, device, rank) =>
    {
        int me = communicator.Rank;
        using var one = rank.Accelerator.Allocate1D([me + 1, me + 10]);
        using var two = rank.Accelerator.Allocate1D<int>(4);
        device.AllGather<int>(one.View, two.View);
        Assert.That(two.GetAsArray1D(), Is.EqualTo(new[] { 1, 10, 2, 11 }));
        device.AllReduce<int>(one.View);
        Assert.That(one.GetAsArray1D(), Is.EqualTo(new[] { 3, 21 }));
        device.ReduceScatter<int>(two.View, one.View, ReduceOp.Max);
        Assert.That(one.GetAsArray1D(), Is.EqualTo(me == 0 ? new[] { 1, 10 } : [2, 11]));
        device.AllToAll<int>(two.View, two.View);
        Assert.That(two.GetAsArray1D(), Is.EqualTo(me == 0 ? new[] { 1, 10, 1, 10 } : [2, 11, 2, 11]));
        device.Broadcast<int>(two.View, root: 1);
        device.Scatter<int>(two.View, one.View, root: 0);
        Assert.That(one.GetAsArray1D(), Is.EqualTo(new[] { 2, 11 }));
        device.Gather<int>(one.View, two.View, root: 1);
        device.Reduce<int>(one.View, one.View, root: 0, ReduceOp.Prod);
        Assert.That(one.GetAsArray1D(), Is.EqualTo(me == 0 ? new[] { 4, 121 } : [2, 11]));

        Assert.That(() => device.AllGather<int>(one.View, one.View), Throws.TypeOf<ScheduleException>().With.Message.Contains("a destination of 2 elements; it needs 4"));
        using DeviceRank other = DeviceRank.OnCpu(64);
        Assert.That(() => device.AllReduce(other.View), Throws.ArgumentException.With.Message.Contains("these collectives work on"));
        Assert.That(() => device.Run(CollectiveCall.Barrier()), Throws.TypeOf<ScheduleException>());
    });

    [Test]
    public void A_peer_that_does_not_call_is_named()
    {
        var fabric = new InProcessFabric(2, new() { IsOneNode = isOneNode });
        using var late = new Barrier(2);
        RankThreads.Run(2, r =>
        {
            using DeviceRank rank = DeviceRank.OnCpu(1 << 20);
            using var communicator = new CollectiveCommunicator(fabric[r], new() { StallTimeout = TimeSpan.FromSeconds(r == 0 ? 2 : 30) });
            using var device = new DeviceCollectives(communicator, rank.Kernels, new() { Path = path, PieceBytes = PieceBytes });
            if (r == 0)
            {
                Assert.That(() => device.Run(CollectiveCall.AllReduce(rank.Memory, rank.Memory, 100_000, ElementType.F32)),
                    Throws.TypeOf<ScheduleException>().With.Message.Contains("rank 1"));
            }

            late.SignalAndWait(TimeSpan.FromSeconds(30));
        });
    }

    private void OnRanks(int ranks, bool isMischievous, Action<CollectiveCommunicator, DeviceCollectives, DeviceRank> body)
    {
        var fabric = new InProcessFabric(ranks, new() { IsOneNode = isOneNode, MischiefSeed = isMischievous ? ranks : null });
        RankThreads.Run(ranks, r =>
        {
            using DeviceRank rank = DeviceRank.OnCpu(MemoryBytes);
            using var communicator = new CollectiveCommunicator(fabric[r], s_patient);
            using var device = new DeviceCollectives(communicator, rank.Kernels, new() { Path = path, PieceBytes = PieceBytes });
            body(communicator, device, rank);
        });
    }
}
