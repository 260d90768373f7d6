using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Tests.Workloads;

internal sealed class WorkloadPlanTests
{
    private static BenchmarkRequest Request(params CollectiveKind[] collectives) => new() { Collectives = collectives, Sizes = new(8, 64) };

    // nccl-tests, PERFORMANCE.md: what the bandwidth of a call is multiplied by.
    [TestCase(CollectiveKind.AllReduce, 4, 1.5)]
    [TestCase(CollectiveKind.AllReduce, 1, 0)]
    [TestCase(CollectiveKind.ReduceScatter, 4, 0.75)]
    [TestCase(CollectiveKind.AllGather, 4, 0.75)]
    [TestCase(CollectiveKind.AllToAll, 2, 0.5)]
    [TestCase(CollectiveKind.Gather, 8, 0.875)]
    [TestCase(CollectiveKind.Scatter, 8, 0.875)]
    [TestCase(CollectiveKind.Broadcast, 4, 1)]
    [TestCase(CollectiveKind.Reduce, 4, 1)]
    [TestCase(CollectiveKind.Barrier, 4, 0)]
    public void Bus_bandwidth_has_the_factor_of_its_collective(CollectiveKind collective, int ranks, double factor) =>
        Assert.That(new Workload(collective, ranks, ElementType.F32, ReduceOp.Sum, 0, 64, false).BusFactor, Is.EqualTo(factor).Within(1e-12));

    [Test]
    public void Sizes_are_whole_elements_of_each_rank_where_each_has_a_block()
    {
        Assert.That(Workload.Round(100, CollectiveKind.AllReduce, ElementType.F64, 3), Is.EqualTo(96));
        Assert.That(Workload.Round(100, CollectiveKind.AllGather, ElementType.F32, 3), Is.EqualTo(96));
        Assert.That(Workload.Round(100, CollectiveKind.AllToAll, ElementType.F64, 7), Is.EqualTo(56));
        Assert.That(Workload.Round(8, CollectiveKind.Scatter, ElementType.F32, 16), Is.EqualTo(64), "at least one of each");
    }

    [Test]
    public void Sizes_that_become_the_same_come_once()
    {
        Workload[] all = [.. WorkloadPlan.Of(Request(CollectiveKind.AllGather) with { OutOfPlace = false }, CollectiveKind.AllGather, 8)];

        Assert.That(all.Select(work => work.Bytes), Is.EqualTo(new[] { 32, 64 }));
        Assert.That(all.Select(work => work.Count), Is.EqualTo(new[] { 8, 16 }));
        Assert.That(all.Select(work => work.BlockCount), Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void Every_root_type_and_operation_comes_with_every_size_and_place()
    {
        var request = Request(CollectiveKind.Reduce) with { Types = [ElementType.F32, ElementType.I32], Ops = [ReduceOp.Sum, ReduceOp.BitXor], Root = null };
        Workload[] all = [.. WorkloadPlan.Of(request, CollectiveKind.Reduce, 3)];

        Assert.That(all, Is.Unique);
        Assert.That(all, Has.Length.EqualTo(3 * 3 * 4 * 2), "three pairs of type and operation, three roots, four sizes, two places");
        Assert.That(all.Any(work => work.Type == ElementType.F32 && work.Op == ReduceOp.BitXor), Is.False);
    }

    [Test]
    public void A_broadcast_is_in_place_and_a_barrier_is_one_line()
    {
        Assert.That(WorkloadPlan.Of(Request(CollectiveKind.Broadcast), CollectiveKind.Broadcast, 2).Select(work => work.InPlace), Is.All.True);
        Workload barrier = WorkloadPlan.Of(Request(CollectiveKind.Barrier), CollectiveKind.Barrier, 2).Single();
        Assert.That((barrier.InPlace, barrier.Bytes, barrier.Count, barrier.TypeName, barrier.OpName), Is.EqualTo((false, 0L, 0L, "none", "none")));
    }

    [Test]
    public void Wrong_requests_are_a_sentence_that_names_the_option()
    {
        BenchmarkRequest request = Request(CollectiveKind.AllReduce);
        Assert.That(WorkloadPlan.Problem(request), Is.Null);
        Assert.That(WorkloadPlan.Problem(request with { Sizes = new(10, 64) }), Does.Contain("--min-bytes 10").And.Contain("8 or 12"));
        Assert.That(WorkloadPlan.Problem(request with { Sizes = new(4, 64), Types = [ElementType.F64] }), Does.Contain("f64").And.EndWith("take 8"));
        Assert.That(WorkloadPlan.Problem(request with { Sizes = new(8, 64, Step: 6) }), Does.Contain("--step-bytes 6").And.Contain("4 or 8"));
        Assert.That(WorkloadPlan.Problem(request with { Ops = [ReduceOp.BitAnd] }), Does.Contain("band").And.Contain("f32"));
        Assert.That(WorkloadPlan.Problem(request with { Ops = [ReduceOp.BitAnd], LeavesOutUndefined = true }), Is.Null);
        Assert.That(WorkloadPlan.Problem(request with { Ops = [ReduceOp.PreMulSum], Types = [ElementType.I32] }), Does.Contain("premulsum").And.Contain("i32"));
        Assert.That(WorkloadPlan.Problem(request with { Ops = [ReduceOp.PreMulSum] }), Is.Null);
        Assert.That(WorkloadPlan.Problem(request with { Algorithms = ["rong"] }), Does.Contain("'rong'").And.Contain("recursive-doubling").And.Contain("auto"));
        Assert.That(WorkloadPlan.Problem(Request(CollectiveKind.Broadcast) with { Root = 4 }, 4), Does.Contain("--root is 4").And.Contain("0 to 3"));
        Assert.That(WorkloadPlan.Problem(Request(CollectiveKind.Broadcast) with { Root = 3 }, 4), Is.Null);
        Assert.That(WorkloadPlan.Problem(Request(CollectiveKind.AllReduce) with { Root = 4 }, 4), Is.Null, "an allreduce has no root");
    }

    [Test]
    public void Selections_know_aliases_and_tell_what_they_leave_out()
    {
        BenchmarkRequest request = Request(CollectiveKind.AllReduce, CollectiveKind.AllGather) with { Algorithms = ["Rabenseifner", "ring", "ring"] };
        Assert.That(AlgorithmSelection.Problem(request), Is.Null);
        AlgorithmSelection allReduce = AlgorithmSelection.Of(request, new(CollectiveKind.AllReduce, 4)), allGather = AlgorithmSelection.Of(request, new(CollectiveKind.AllGather, 4));

        Assert.That(allReduce.Names, Is.EqualTo(new[] { "halving-doubling", "ring" }));
        Assert.That(allReduce.LeftOut, Is.Empty);
        Assert.That(allGather.Names, Is.EqualTo(new[] { "ring" }));
        Assert.That(allGather.LeftOut.Single(), Does.Contain("allgather").And.Contain("'Rabenseifner'"));
    }

    [Test]
    public void All_means_every_algorithm_that_can_be_used_and_auto([Values] CollectiveKind collective)
    {
        BenchmarkRequest request = Request(collective) with { Algorithms = ["all"] };
        AlgorithmSelection selection = AlgorithmSelection.Of(request, new(collective, 6));

        Assert.That(selection.Names.Append("").Distinct().Count() + selection.LeftOut.Count, Is.EqualTo(AlgorithmCatalog.Of(collective).Count + 2));
        Assert.That(selection.Names, Does.Contain(AlgorithmCatalog.Auto));
    }

    [Test]
    public void Memory_is_what_the_longest_workload_needs_and_is_compared_node_by_node()
    {
        Workload[] all = [.. WorkloadPlan.Of(Request(CollectiveKind.AllGather, CollectiveKind.Reduce), CollectiveKind.AllGather, 4)];
        Assert.That(MemoryNeed.Of(all, 1), Is.EqualTo(new MemoryNeed(16, 64)));

        var nodes = new NodeMap([0, 0, 1]);
        Assert.That(MemoryNeed.Problem([500, 500, 900], [1000, 1000, 1000], nodes, ["a", "b"]), Is.Null);
        Assert.That(MemoryNeed.Problem([500, 501, 900], [1000, 1000, 1000], nodes, ["a", "b"]), Does.Contain("on a need 1001 bytes").And.Contain("only 1000"));
        Assert.That(MemoryNeed.Problem([5, 5, long.MaxValue], [1000, 1000, 1000], nodes, ["a", "b"]), Does.Contain("on b"));
    }
}
