using HpcTrain.Collectives.Tests.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Tuning;

/// <summary>Who decides about an algorithm, over in-process ranks: the caller, a rule, the node's memory, the cost model.</summary>
[TestFixture]
public sealed unsafe class ChoiceTests
{
    private const int Long = 100_000;

    [TestCase(100, "recursive-doubling", 1 << 20)]
    [TestCase(Long, "halving-doubling", 8192)]
    public void Rules_decide_between_ranks(int count, string algorithm, long segmentBytes) => Run(3, node: false, SiteRules(), communicator =>
    {
        CollectiveResult result = AllReduce(communicator, count);
        Assert.That((result.Algorithm, result.SegmentBytes), Is.EqualTo((algorithm, segmentBytes)));
        AlgorithmChoice choice = Explain(communicator, count);
        Assert.That((choice.Algorithm, choice.SegmentBytes), Is.EqualTo((algorithm, segmentBytes)));
        Assert.That(choice.Reason, Does.Match("^rule [12] for allreduce in site.json$"));
    });

    [Test]
    public void Rules_decide_on_a_node_too() => Run(2, node: true, SiteRules(), communicator =>
    {
        CollectiveResult result = AllReduce(communicator, Long);
        Assert.That((result.Algorithm, result.Path), Is.EqualTo(("halving-doubling", "in-process")));
    });

    [TestCase("one-shot", 5000, "slots")]
    [TestCase("direct", 10, "buffers")]
    public void A_rule_moves_the_limit_of_slots(string algorithm, int count, string path)
    {
        var rules = new TuningRules([new(CollectiveKind.AllReduce, algorithm)], "site.json");
        Run(2, node: true, rules, communicator =>
        {
            Assert.That(Explain(communicator, count), Is.EqualTo(new AlgorithmChoice(algorithm, path, 0, "rule 1 for allreduce in site.json")));
            CollectiveResult result = AllReduce(communicator, count);
            Assert.That((result.Algorithm, result.Path), Is.EqualTo((algorithm, path)));
        });
        Run(2, node: true, null, communicator => Assert.That(AllReduce(communicator, count).Algorithm, Is.Not.EqualTo(algorithm)));
    }

    [Test]
    public void A_call_that_names_an_algorithm_asks_no_rule() => Run(3, node: false, SiteRules(), communicator =>
    {
        var options = new CollectiveOptions { Algorithm = "ring" };
        CollectiveResult result = AllReduce(communicator, Long, options);
        Assert.That((result.Algorithm, result.SegmentBytes), Is.EqualTo(("ring", AlgorithmChooser.DefaultSegmentBytes)));
        Assert.That(Explain(communicator, Long, options).Reason, Is.EqualTo("asked for"));
    });

    [Test]
    public void A_call_that_names_a_segment_keeps_the_algorithm_of_the_rule() => Run(3, node: false, SiteRules(), communicator =>
    {
        CollectiveResult result = AllReduce(communicator, Long, new() { SegmentBytes = 4096 });
        Assert.That((result.Algorithm, result.SegmentBytes), Is.EqualTo(("halving-doubling", 4096L)));
    });

    [Test]
    public void A_rule_counts_bytes_as_they_travel()
    {
        var rules = new TuningRules([new(CollectiveKind.AllReduce, "ring") { Bytes = new(400, 400) }], "site.json");
        Run(2, node: false, rules, communicator =>
        {
            CollectiveCall call = CollectiveCall.AllReduce(null, null, 100, ElementType.BF16);
            Assert.That(communicator.Explain(call).Reason, Does.StartWith("rule 1"));
            Assert.That(communicator.Explain(call, new() { Partials = PartialPrecision.Element }).Reason, Does.StartWith("cost model"));
            Assert.That(communicator.Explain(CollectiveCall.AllReduce(null, null, 100, ElementType.F32)).Reason, Does.StartWith("rule 1"));
        });
    }

    [Test]
    public void A_rule_that_cannot_be_followed_fails_on_all_ranks_and_nothing_else_does()
    {
        var rules = new TuningRules([new(CollectiveKind.AllReduce, "hierarchy:one-shot@2+ring") { Bytes = new(1 << 20, 1 << 20) }], "site.json");
        Run(3, node: false, rules, communicator =>
        {
            Assert.That(() => AllReduce(communicator, 1 << 18), Throws.TypeOf<ScheduleException>().With.Message.Matches(
                "^Rule 1 for allreduce in site.json does not fit the call. Algorithm 'hierarchy:.*' cannot be used for allreduce on 3 ranks: .*; those that can are ring, .*"));
            AllReduce(communicator, 1000);
        });
    }

    [TestCase(2, "shared memory of one node: contribution of 8 bytes <= 16384", "one-shot", "slots")]
    [TestCase(Long, "shared memory of one node: contribution of 400000 bytes > 16384", "direct", "buffers")]
    public void The_memory_of_a_node_is_a_reason(int count, string reason, string algorithm, string path) => Run(4, node: true, null, communicator =>
        Assert.That(Explain(communicator, count), Is.EqualTo(new AlgorithmChoice(algorithm, path, 0, reason))));

    [Test]
    public void The_cost_model_is_a_reason() => Run(4, node: false, null, communicator =>
    {
        AlgorithmChoice choice = Explain(communicator, 2);
        Assert.That(choice.Reason, Does.Match($@"^cost model of 2.0 us per message, 4.00 GB/s sent, 8.00 GB/s reduced \(not measured\): {choice.Algorithm} \d+\.\d us, [a-z:+-]+ \d+\.\d us"));
        Assert.That(AllReduce(communicator, 2).Algorithm, Is.EqualTo(choice.Algorithm));
        var costs = choice.Reason.Split(": ")[1].Split(", ").Select(part => double.Parse(part.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.That(costs, Is.Ordered);
    });

    [Test]
    public void A_schedule_of_the_call_is_a_reason() => Run(3, node: false, SiteRules(), communicator =>
        Assert.That(Explain(communicator, 8, new() { Schedule = TestAlgorithms.Create("ring", 3) }),
            Is.EqualTo(new AlgorithmChoice("ring", "in-process", AlgorithmChooser.DefaultSegmentBytes, "the schedule that the call brings"))));

    [Test]
    public void A_misspelt_algorithm_is_refused_before_any_rule() => Run(2, node: false, SiteRules(), communicator =>
        Assert.That(() => Explain(communicator, 8, new() { Algorithm = "rang" }), Throws.TypeOf<ScheduleException>().With.Message.Contains("the valid ones are ring")));

    [Test]
    public void Measured_costs_are_the_same_on_all_ranks([Values(1, 2, 3, 4, 5)] int ranks)
    {
        var models = new CostModel[ranks];
        Run(ranks, node: false, null, communicator =>
        {
            models[communicator.Rank] = communicator.CostModel;
            AllReduce(communicator, 1000);
        }, probes: true);
        Assert.That(models, Is.All.EqualTo(models[0]));
        Assert.That(models[0] == CostModel.Default, Is.EqualTo(ranks == 1));
        Assert.That((models[0].Alpha > 0, models[0].Beta > 0, models[0].Gamma > 0), Is.EqualTo((true, true, true)));
    }

    [Test]
    public void A_rank_that_does_not_measure_is_named()
    {
        var fabric = new InProcessFabric(2);
        Assert.That(() => new CollectiveCommunicator(fabric[0], new() { Rules = null, ProbeCosts = true, StallTimeout = TimeSpan.FromSeconds(0.2) }),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("rank 1 did not answer for 0.2 s"));
    }

    private static TuningRules SiteRules() => new(
        [
            new(CollectiveKind.AllReduce, "recursive-doubling") { Bytes = new(0, 1000) },
            new(CollectiveKind.AllReduce, "halving-doubling") { SegmentBytes = 8192 },
        ],
        "site.json");

    private static CollectiveResult AllReduce(CollectiveCommunicator communicator, int count, CollectiveOptions? options = null)
    {
        using CollectiveBuffer<int> buffer = communicator.Allocate<int>(count);
        buffer.Span.Fill(communicator.Rank + 1);
        CollectiveResult result = communicator.AllReduce(buffer.Span, ReduceOp.Sum, options);
        Assert.That(buffer.Span.ToArray(), Is.All.EqualTo(communicator.Size * (communicator.Size + 1) / 2));
        return result;
    }

    private static AlgorithmChoice Explain(CollectiveCommunicator communicator, int count, CollectiveOptions? options = null) =>
        communicator.Explain(CollectiveCall.AllReduce(null, null, count, ElementType.I32), options);

    private static void Run(int ranks, bool node, TuningRules? rules, Action<CollectiveCommunicator> body, bool probes = false)
    {
        var fabric = new InProcessFabric(ranks, new() { IsOneNode = node });
        var options = new CommunicatorOptions { Rules = rules, ProbeCosts = probes, StallTimeout = TimeSpan.FromSeconds(20) };
        RankThreads.Run(ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], options);
            body(communicator);
        });
    }
}
