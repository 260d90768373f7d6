using HpcTrain.Collectives.Simulation;
using HpcTrain.Collectives.Tests.Execution;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Tests.Simulation;

/// <summary>Simulated times against closed forms, and what must hold for any schedule on any links.</summary>
internal sealed class LinkSimulatorTests
{
    private const double Alpha = 2e-6, Rate = 12.5e9;
    private const long Whole = 1L << 40; // a segment that cuts nothing

    private static SimulationResult Run(LinkGraph graph, CollectiveKind kind, string algorithm, long bytes, Func<SimulationOptions, SimulationOptions>? with = null)
    {
        Schedule schedule = AlgorithmCatalog.Create(algorithm, new(kind, graph.Ranks));
        var options = new SimulationOptions(bytes) { SegmentBytes = Whole, LatencySeconds = Alpha };
        return LinkSimulator.Run(graph, schedule, with?.Invoke(options) ?? options);
    }

    private static LinkGraph Full(int ranks) => BuiltInTopologies.Create($"full:n={ranks}");

    /// <summary>Ranks around a switch.</summary>
    private static LinkGraph Star(int ranks) => new("star",
        [.. Enumerable.Range(0, ranks).Select(rank => new LinkNode(NodeKind.Rank, $"rank{rank}")), new(NodeKind.Switch, "switch")],
        Enumerable.Range(0, ranks).SelectMany(rank => new[] { new Link(rank, ranks, new(25, 2)), new Link(ranks, rank, new(25, 2)) }));

    [Test]
    public void A_ring_takes_its_closed_form([Values(2, 3, 4, 8, 13)] int ranks, [Values("full", "ring")] string links)
    {
        long bytes = 4L * ranks * 1_000_003;
        double seconds = Run(BuiltInTopologies.Create($"{links}:n={ranks}"), CollectiveKind.AllReduce, "ring", bytes).Seconds;
        Assert.That(seconds, Is.EqualTo(2 * (ranks - 1) * (Alpha + ((double)bytes / ranks / Rate))).Within(0.1).Percent);
    }

    [Test]
    public void Halving_and_doubling_takes_its_closed_form([Values(2, 4, 8, 16, 64)] int ranks)
    {
        long bytes = 4L * ranks * 100_003;
        double seconds = Run(Full(ranks), CollectiveKind.AllReduce, "halving-doubling", bytes).Seconds;
        Assert.That(seconds, Is.EqualTo((2 * Math.Log2(ranks) * Alpha) + (2.0 * (ranks - 1) / ranks * bytes / Rate)).Within(0.1).Percent);
    }

    [Test]
    public void A_binomial_broadcast_takes_its_closed_form([Values(2, 3, 8, 16, 31)] int ranks)
    {
        double seconds = Run(Full(ranks), CollectiveKind.Broadcast, "binomial", 40_000_000).Seconds;
        double rounds = Math.Ceiling(Math.Log2(ranks));

        // A rank's sends to its children leave on links of their own, side by side: the deepest rank decides.
        Assert.That(seconds, Is.EqualTo((int)Math.Log2(ranks) * (Alpha + (40_000_000 / Rate))).Within(0.1).Percent.Or.EqualTo(rounds * (Alpha + (40_000_000 / Rate))).Within(0.1).Percent);
    }

    [Test]
    public void A_chain_in_segments_takes_its_closed_form([Values(2, 3, 8)] int ranks, [Values(1, 5, 40)] int segments)
    {
        const int Segment = 400_000;
        double seconds = Run(Full(ranks), CollectiveKind.Broadcast, "chain", (long)Segment * segments, options => options with { SegmentBytes = Segment, LatencySeconds = 0, SegmentsInFlight = 64 }).Seconds;
        Assert.That(seconds, Is.EqualTo((ranks - 2 + segments) * (Segment / Rate)).Within(0.1).Percent);
    }

    [Test]
    public void A_link_that_many_share_is_shared([Values(2, 3, 8)] int ranks)
    {
        long block = 4_000_000;
        SimulationResult result = Run(Star(ranks), CollectiveKind.Gather, "direct", block * ranks, options => options with { LatencySeconds = 0, SegmentBytes = 40_000 });
        Assert.That(result.Seconds, Is.EqualTo((ranks - 1) * (block / Rate)).Within(1).Percent, "all go into the root's one link");
        Assert.That(result.BusyShare(result.BusiestLink), Is.GreaterThan(0.99));
    }

    [Test]
    public void Reducing_and_overheads_take_their_time()
    {
        double reduce = Run(Full(2), CollectiveKind.AllReduce, "ring", 8_000_000, options => options with { LatencySeconds = 0, ReduceSecondsPerByte = 1e-9 }).Seconds;
        Assert.That(reduce, Is.EqualTo((2 * 4_000_000 / Rate) + (4_000_000 * 1e-9)).Within(0.1).Percent);
        double overhead = Run(Full(2), CollectiveKind.AllReduce, "ring", 8_000_000, options => options with { LatencySeconds = 0, OverheadSeconds = 1e-3 }).Seconds;
        Assert.That(overhead, Is.EqualTo(2 * ((4_000_000 / Rate) + 1e-3)).Within(0.1).Percent);
    }

    [Test]
    public void All_bytes_of_the_schedule_pass_the_links([Values("ring", "direct", "halving-doubling", "double-tree")] string algorithm, [Values(5, 8)] int ranks)
    {
        const long Bytes = 4 * 5 * 8 * 1000;
        LinkGraph star = Star(ranks);
        SimulationResult result = Run(star, CollectiveKind.AllReduce, algorithm, Bytes, options => options with { SegmentBytes = 4096 });
        Schedule schedule = AlgorithmCatalog.Create(algorithm, new(CollectiveKind.AllReduce, ranks));
        var partition = new long[schedule.Chunks.Length];
        long weights = schedule.Chunks.Sum(chunk => chunk.Weight), sent = 0;
        for (int chunk = 0; chunk < partition.Length; chunk++)
            partition[chunk] = Bytes * schedule.Chunks[chunk].Weight / weights;
        for (int rank = 0; rank < ranks; rank++)
        {
            foreach (Instruction send in schedule.Program(rank).Lanes.SelectMany(lane => lane.Instructions).Where(instruction => instruction.Operation == Operation.Send))
                sent += partition[send.Chunks.First..send.Chunks.End].Sum();
        }

        Assert.That(result.Links.Sum(link => link.Bytes), Is.EqualTo(2 * sent), "up to the switch, and down");
        Assert.That(result.RankSeconds.Max(), Is.EqualTo(result.Seconds));
    }

    [Test]
    public void The_same_input_gives_the_same_result()
    {
        LinkGraph graph = BuiltInTopologies.Create("fat-tree:k=4");
        SimulationResult one = Run(graph, CollectiveKind.AllToAll, "direct", 16 * 16 * 4096, options => options with { SegmentBytes = 1024 }),
            other = Run(graph, CollectiveKind.AllToAll, "direct", 16 * 16 * 4096, options => options with { SegmentBytes = 1024 });
        Assert.That((other.Seconds, other.Events), Is.EqualTo((one.Seconds, one.Events)));
        Assert.That(other.Links, Is.EqualTo(one.Links));
    }

    [Test]
    public void A_plan_for_the_links_reaches_its_rate([Values("dgx1v", "dgx-a100:boxes=1", "mi250", "torus:dims=4x4")] string name)
    {
        LinkPlan plan = LinkPlanner.Plan(BuiltInTopologies.Create(name), new() { Collective = PackedCollective.AllReduce });
        var routes = new Routes(plan.Graph);
        foreach ((int from, int to, int channel, var path) in new PlanRoutes(plan).All)
            routes.Add(from, to, channel, path);
        const long Bytes = 1L << 30;
        SimulationResult result = LinkSimulator.Run(plan.Graph, PlanSchedules.Create(plan), new(Bytes) { SegmentBytes = 1 << 16, SegmentsInFlight = 16, Routes = routes });
        Assert.That(Bytes / result.Seconds / 1e9, Is.InRange(0.9 * (double)plan.Rate, 1.0001 * (double)plan.Rate));
    }

    [Test]
    public void Ranks_pass_on_nothing_where_a_switch_leads_to_the_receiver()
    {
        // Rank 1 to rank 2: over rank 0 at 50 GB/s as well as over the switch at 10. Without the switch, or to where only ranks lead, ranks do it.
        const string Direct = """{"from": 0, "to": 1, "bandwidth": 50, "both": true}, {"from": 0, "to": 2, "bandwidth": 50, "both": true}, {"from": 2, "to": 3, "bandwidth": 50, "both": true}""";
        const string Switched = """, {"from": 1, "to": "pcie", "bandwidth": 10, "both": true}, {"from": 2, "to": "pcie", "bandwidth": 10, "both": true}""";
        Assert.That(Ways(LinkGraphJson.Read($$"""{"ranks": 4, "switches": ["pcie"], "links": [{{Direct}}{{Switched}}]}""", "both"), (1, 2), (2, 1), (0, 1), (1, 3)),
            Is.EqualTo(new[] { "1-4 4-2", "2-4 4-1", "0-1", "1-0 0-2 2-3" }).Or.EqualTo(new[] { "1-4 4-2", "2-4 4-1", "0-1", "1-4 4-2 2-3" }));
        Assert.That(Ways(LinkGraphJson.Read($$"""{"ranks": 4, "links": [{{Direct}}]}""", "direct"), (1, 2)), Is.EqualTo(new[] { "1-0 0-2" }));

        static string[] Ways(LinkGraph graph, params (int From, int To)[] pairs)
        {
            var routes = new Routes(graph);
            return [.. pairs.Select(pair => string.Join(' ', routes.Find(pair.From, pair.To, 0).Select(link => $"{graph.Links[link].From}-{graph.Links[link].To}")))];
        }
    }

    [Test]
    public void Ranks_that_wait_for_each_other_are_named()
    {
        // Each receives first what the other sends second.
        static RankProgram Program(int rank)
        {
            var program = new ProgramBuilder();
            LaneBuilder lane = program.Lane();
            lane.RecvReduce(1 - rank, BufferId.Data, 0);
            lane.Send(1 - rank, BufferId.Data, 0);
            return program.Build();
        }

        var schedule = new Schedule(CollectiveKind.AllReduce, "stuck", 2, Schedule.EqualChunks(1), Program);
        Assert.That(() => LinkSimulator.Run(Full(2), schedule, new(4096)), Throws.TypeOf<ScheduleException>().With.Message.Contains("rank 0").And.Message.Contains("rank 1"));
    }

    [Test]
    public void What_cannot_be_simulated_is_said()
    {
        Assert.That(() => LinkSimulator.Run(Full(2), AlgorithmCatalog.Create("ring", new(CollectiveKind.AllReduce, 3)), new(4096)),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("is for 3 ranks"));
        LinkGraph apart = BuiltInTopologies.Create("dgx1v").Allocate([1, 4]);
        Assert.That(() => Run(apart, CollectiveKind.AllReduce, "ring", 4096), Throws.TypeOf<TopologyException>().With.Message.Contains("cannot reach"));
        Assert.That(() => LinkSimulator.Run(Full(2), AlgorithmCatalog.Create("ring", new(CollectiveKind.AllReduce, 2)), new(4097)), Throws.TypeOf<ScheduleException>().With.Message.Contains("4097"));
    }

    [Test]
    public void Memory_does_not_grow_with_messages([Values(null, 64L)] long? acknowledgement)
    {
        LinkGraph ring = BuiltInTopologies.Create("ring:n=64");
        Schedule schedule = AlgorithmCatalog.Create("ring", new(CollectiveKind.AllReduce, 64));
        long messages = 0;
        long Allocated(long segment) => Allocation.LeastOf(windows: 1, () =>
            messages = LinkSimulator.Run(ring, schedule, new(64 * 4 * 4096) { SegmentBytes = segment, AcknowledgementBytes = acknowledgement }).Messages);

        // Programs are prepared on all cores, so that what this thread allocates for them differs from run to run, by less than a byte for each of the many messages.
        long few = Allocated(1 << 20), many = Allocated(64);
        Assert.That(messages, Is.EqualTo(256 * 64 * 126), "256 times as many messages");
        Assert.That(many, Is.LessThan(few + messages));
    }
}
