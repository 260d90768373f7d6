using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Testing;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Tests.Tuning;

/// <summary>Rules and measured costs on real ranks, under both MPIs.</summary>
public sealed unsafe class TuningMpiTests
{
    [RankTest(2, 3, 4)]
    public void Rules_decide_on_a_node_and_between_nodes(Intracommunicator world)
    {
        foreach (bool sharesMemory in (bool[])[true, false])
        {
            using var communicator = new CollectiveCommunicator(world, new() { Rules = Rules("halving-doubling"), SharesMemory = sharesMemory });
            var buffer = new int[3000];
            Array.Fill(buffer, world.Rank);
            CollectiveResult result = communicator.AllReduce(buffer.AsSpan());
            Assert.That((result.Algorithm, result.SegmentBytes, result.Path), Is.EqualTo(("halving-doubling", 4096L, "mpi")));
            Assert.That(buffer, Is.All.EqualTo(world.Size * (world.Size - 1) / 2));
        }
    }

    [RankTest(2)]
    public void The_environment_names_a_file(Intracommunicator world)
    {
        string path = Path.Combine(Path.GetTempPath(), $"hpctrain-rules-{Environment.ProcessId}.json");
        File.WriteAllText(path, Rules("ring").ToJson());
        Environment.SetEnvironmentVariable(TuningRules.Variable, path);
        try
        {
            using var communicator = new CollectiveCommunicator(world);
            Assert.That(communicator.AllReduce(new int[10].AsSpan()).Algorithm, Is.EqualTo("ring"));
            Assert.That(communicator.Explain(CollectiveCall.AllReduce(null, null, 10, ElementType.I32)).Reason, Is.EqualTo($"rule 1 for allreduce in {path}"));
            using var other = new CollectiveCommunicator(world, new() { Rules = null });
            Assert.That(other.AllReduce(new int[10].AsSpan()).Algorithm, Is.EqualTo("one-shot"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(TuningRules.Variable, null);
            File.Delete(path);
        }
    }

    [RankTest(2, 3, 4)]
    public void A_rule_has_calls_done_by_a_plan(Intracommunicator world)
    {
        string folder = Directory.CreateTempSubdirectory("hpctrain-plans-").FullName;
        try
        {
            LinkPlan plan = LinkPlanner.Plan(BuiltInTopologies.Create($"full:n={world.Size}"), new());
            File.WriteAllText(Path.Combine(folder, "plan.json"), LinkPlanJson.Write(plan));
            TuningRules rules = TuningRules.FromJson(
                """{ "format": "hpctrain-tuning", "version": 1, "collectives": { "allreduce": [{ "bytes_min": 4000, "schedule": "plan.json", "segment_bytes": 1024 }] } }""",
                Path.Combine(folder, "site.json"));
            foreach (bool sharesMemory in (bool[])[true, false])
            {
                using var communicator = new CollectiveCommunicator(world, new() { Rules = new(rules.Rules, "site.json"), SharesMemory = sharesMemory });
                int[] buffer = [.. Enumerable.Range(world.Rank, 3000)];
                CollectiveResult result = communicator.AllReduce(buffer.AsSpan());
                Assert.That((result.Algorithm, result.SegmentBytes, result.Path), Is.EqualTo(($"plan:{plan.Method}", 1024L, "mpi")));
                Assert.That(buffer, Is.EqualTo(Enumerable.Range(0, 3000).Select(i => (i * world.Size) + (world.Size * (world.Size - 1) / 2))));
                Assert.That(communicator.Explain(CollectiveCall.AllReduce(null, null, 3000, ElementType.I32)).Reason,
                    Is.EqualTo("rule 1 for allreduce in site.json, schedule plan.json"));
                Assert.That(communicator.AllReduce(new int[10].AsSpan()).Algorithm, Does.Not.StartWith("plan:"));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [RankTest(2, 3)]
    public void Ranks_with_other_rules_are_told_so(Intracommunicator world)
    {
        TuningRules? rules = world.Rank == world.Size - 1 ? null : Rules("ring");
        Assert.That(() => new CollectiveCommunicator(world, new() { Rules = rules }), Throws.TypeOf<ScheduleException>()
            .With.Message.Matches($"rank 0 has some .*, but rank {world.Size - 1} has none; give HPCTRAIN_TUNING"));
    }

    [RankTest(2, 4)]
    public void Measured_costs_are_the_same_on_all_ranks(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world, new() { ProbeCosts = true, SharesMemory = false });
        CostModel model = communicator.CostModel;
        Assert.That(world.AllGather(model.Alpha), Is.All.EqualTo(model.Alpha).And.All.GreaterThan(0));
        Assert.That(world.AllGather(model.Beta), Is.All.EqualTo(model.Beta).And.All.GreaterThan(0));
        Assert.That(communicator.Explain(CollectiveCall.AllReduce(null, null, 10, ElementType.I32)).Reason, Does.StartWith($"cost model of {model}: "));
    }

    [RankTest(2)]
    public void Nothing_is_allocated_after_the_first_call_by_a_rule(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world, new() { Rules = Rules("direct") });
        using CollectiveBuffer<float> buffer = communicator.Allocate<float>(1000);
        void Round() => communicator.AllReduce(buffer.Span);
        Round();
        Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 20; round++)
            Round();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static TuningRules Rules(string algorithm) => new([new(CollectiveKind.AllReduce, algorithm) { SegmentBytes = 4096 }], "site.json");
}
