using HpcTrain.Collectives.Tests.Execution;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Tests.Plans;

/// <summary>Plans become schedules that are proved, that give the right sums with the same bits everywhere, and that load links as planned.</summary>
[TestFixture]
public sealed class PlanScheduleTests
{
    [Test]
    public void Every_plan_for_an_allocation_of_a_dgx1_is_right([Values("dgx1v", "dgx1p")] string machine, [Values(2, 3, 4, 5, 6, 7, 8)] int gpus)
    {
        foreach (LinkGraph graph in PlanCases.Dgx1(machine, gpus))
            Check(graph);
    }

    [TestCaseSource(typeof(PlanCases), nameof(PlanCases.Others))]
    public void So_are_those_for_other_machines_and_networks(string topology) => Check(BuiltInTopologies.Create(topology));

    [Test]
    public void Trees_of_any_form_and_number_are_right(
        [Values] PackedCollective collective, [Values(2, 3, 7)] int ranks, [Values(1, 5, 31, 33, 64, 70, 200)] int trees)
    {
        bool isOwned = collective is PackedCollective.AllGather or PackedCollective.ReduceScatter;
        LinkPlan plan = PlanCases.Random((ranks * 1000) + trees, ranks, isOwned ? trees * ranks : trees, collective);
        Schedule schedule = PlanSchedules.Create(plan);
        ScheduleVerifier.Verify(schedule);
        ScheduleTrial.Check(schedule, (3 * trees) + 1);
        if (collective == PackedCollective.AllReduce)
            CheckBits(plan, schedule, (2 * trees) + 1);
    }

    [Test]
    public void Each_tree_has_its_own_channel_where_there_are_enough()
    {
        LinkPlan plan = LinkPlan.Of(BuiltInTopologies.Create("dgx1v"), SpanningTreePacking.Plan(BuiltInTopologies.Create("dgx1v")), "trees");
        Schedule schedule = PlanSchedules.Create(plan);
        foreach (Lane lane in Enumerable.Range(0, schedule.Ranks).SelectMany(rank => schedule.Program(rank).Lanes))
            Assert.That(lane.Instructions.Select(instruction => instruction.Chunks.First).Distinct(), Is.EqualTo(new[] { lane.Channel }));
    }

    [Test]
    public void The_weights_of_chunks_are_those_of_trees_in_lowest_terms()
    {
        LinkPlan plan = PlanCases.Random(1, 4, 3, PackedCollective.Broadcast);
        Rational[] weights = [new(1, 6), new(3, 4), new(5, 3)];
        plan = plan with { Trees = [.. plan.Trees.Select((tree, t) => tree with { Weight = weights[t] })] };
        Assert.That(PlanSchedules.Create(plan).Chunks.Select(chunk => chunk.Weight), Is.EqualTo(new long[] { 2, 9, 20 }));
        plan = plan with { Trees = [plan.Trees[0] with { Weight = new(1, long.MaxValue) }, .. plan.Trees.Skip(1)] };
        Assert.That(() => PlanSchedules.Create(plan), Throws.TypeOf<ScheduleException>().With.Message.Contains("chunks are counted in 64 bits; plan with fewer trees"));
    }

    [Test]
    public void A_rank_of_a_thousand_builds_its_own_program_in_a_moment()
    {
        // 1,024 trees over 1,024 ranks are a million messages down and a million up; a rank has a few thousand of them.
        LinkPlan plan = PlanCases.Random(3, 1024, 1024, PackedCollective.AllReduce);
        Schedule schedule = PlanSchedules.Create(plan);
        RankProgram program = schedule.Program(517);
        int messages = plan.Trees.Sum(tree => tree.In.Concat(tree.Out).Count(edge => edge.From == 517 || edge.To == 517));
        Assert.That(program.Lanes.Sum(lane => lane.Instructions.Length), Is.EqualTo(messages));
    }

    [Test]
    public void What_is_no_tree_is_refused_with_its_number()
    {
        LinkPlan plan = PlanCases.Random(1, 4, 3, PackedCollective.AllReduce);
        Refuses(plan with { Trees = [] }, "has no trees");
        RefusesTree(tree => tree with { In = tree.In.RemoveAt(2) }, "Tree 1 of the plan for ring:n=4, root ", "leaves out rank", "up to the root");
        RefusesTree(tree => tree with { Out = [tree.Out[0], tree.Out[0], tree.Out[1]] }, "cannot have the edge from", "down from the root");
        RefusesTree(tree => tree with { Out = [] }, "leaves out rank");
        RefusesTree(tree => tree with { Root = 4 }, "has an unknown root");
        RefusesTree(tree => tree with { Weight = 0 }, "has weight 0");
        Refuses(plan with { Collective = PackedCollective.Broadcast }, "has edges up to the root, for which its collective has no use");
        LinkPlan two = PlanCases.Random(1, 4, 8, PackedCollective.AllGather);
        Refuses(two with { Collective = PackedCollective.Broadcast }, "a broadcast has one root");
        Refuses(two with { Trees = two.Trees.RemoveAt(0) }, "chunks of different weight");

        void RefusesTree(Func<PlanTree, PlanTree> damage, params string[] parts) => Refuses(plan with { Trees = plan.Trees.SetItem(1, damage(plan.Trees[1])) }, parts);

        static void Refuses(LinkPlan wrong, params string[] parts)
        {
            ScheduleException error = Assert.Throws<ScheduleException>(() => PlanSchedules.Create(wrong))!;
            foreach (string part in parts)
                Assert.That(error.Message, Does.Contain(part));
        }
    }

    private static void Check(LinkGraph graph)
    {
        foreach (LinkPlan plan in PlanCases.Of(graph).Concat(PlanCases.Rings(graph)))
        {
            Schedule schedule = PlanSchedules.Create(plan);
            ScheduleVerifier.Verify(schedule);
            Assert.That((schedule.Algorithm, schedule.Ranks), Is.EqualTo(($"plan:{plan.Method}", graph.Ranks)));
            CheckLinks(plan, schedule);
            ScheduleTrial.Check(schedule, 61);
            CheckMsccl(schedule);
            if (plan.Collective == PackedCollective.AllReduce)
                CheckBits(plan, schedule, 97);
        }
    }

    /// <summary>What the schedule's messages put on each link, along the plan's ways, is what the trees' weights say, and no more than it carries.</summary>
    private static void CheckLinks(LinkPlan plan, Schedule schedule)
    {
        var planned = new Dictionary<(int From, int To), Rational>();
        foreach (PlanTree tree in plan.Trees)
        {
            foreach (TreeEdge edge in tree.In.Concat(tree.Out))
                AddPath(planned, edge.Path, tree.Weight / plan.Rate);
        }

        var sent = new Dictionary<(int From, int To), Rational>();
        var routes = new PlanRoutes(plan);
        long all = schedule.Chunks.Sum(chunk => chunk.Weight);
        for (int rank = 0; rank < schedule.Ranks; rank++)
        {
            foreach (Lane lane in schedule.Program(rank).Lanes)
            {
                foreach (Instruction send in lane.Instructions.Where(instruction => instruction.Operation == Operation.Send))
                {
                    var path = routes.PathOf(rank, send.Peer, lane.Channel);
                    Assert.That((path[0], path[^1]), Is.EqualTo((rank, send.Peer)));
                    AddPath(sent, path, new(schedule.Chunks[send.Chunks.First].Weight, all));
                }
            }
        }

        Assert.That(sent.OrderBy(link => link.Key), Is.EqualTo(planned.OrderBy(link => link.Key)), $"{plan.Graph.Name}, {schedule}");
        foreach (((int from, int to), Rational share) in sent)
            Assert.That(share * plan.Rate, Is.LessThanOrEqualTo(plan.Graph.LinkBetween(from, to)!.Bandwidth), $"{plan.Graph.Name}, {schedule}: link {from}-{to}");

        static void AddPath(Dictionary<(int, int), Rational> loads, IReadOnlyList<int> path, Rational share)
        {
            for (int i = 1; i < path.Count; i++)
                loads[(path[i - 1], path[i])] = loads.GetValueOrDefault((path[i - 1], path[i])) + share;
        }
    }

    /// <summary>As MSCCL XML it reads back as the same: chunks, and bits where chunks end on the same elements.</summary>
    private static void CheckMsccl(Schedule schedule)
    {
        Schedule read = MscclXml.FromMsccl(schedule.ToMsccl());
        int count = schedule.Chunks.Sum(chunk => (int)chunk.Weight);
        Assert.That((read.Collective, read.Algorithm, read.Ranks, read.Root), Is.EqualTo((schedule.Collective, schedule.Algorithm, schedule.Ranks, schedule.Root)));
        Assert.That(read.Chunks, Has.Length.EqualTo(count));
        if (schedule.Collective.HasOwners())
            count /= schedule.Ranks;
        Assert.That(ScheduleVerifier.Verify(read).SentShare, Is.EqualTo(ScheduleVerifier.Verify(schedule).SentShare).Within(1e-12), $"{schedule}");
        Assert.That(ScheduleTrial.Run(read, count, Value), Is.EqualTo(ScheduleTrial.Run(schedule, count, Value)), $"{schedule}");
    }

    /// <summary>Sums of these depend on their order in nearly every element.</summary>
    private static float Value(int rank, int i) => (float)Math.Exp(((rank * 7919) + (i * 104_729)) % 97 / 5.0);

    /// <summary>Every element is, to the bit and on every rank, the sum in the order of its tree: own value first, then the children's, shallow subtrees first.</summary>
    private static void CheckBits(LinkPlan plan, Schedule schedule, int count)
    {
        float[][] results = ScheduleTrial.Run(schedule, count, Value);
        var partition = new ChunkPartition(schedule.Chunks, count, sizeof(float));
        for (int t = 0; t < plan.Trees.Length; t++)
        {
            ILookup<int, int> children = plan.Trees[t].In.Reverse().ToLookup(edge => edge.To, edge => edge.From);
            for (int i = (int)partition.Start(t); i < partition.Start(t) + partition.Length(t); i++)
            {
                float expected = Sum(children, plan.Trees[t].Root, i);
                Assert.That(results.Select(result => BitConverter.SingleToInt32Bits(result[i])), Is.All.EqualTo(BitConverter.SingleToInt32Bits(expected)), $"{schedule}: element {i}");
            }
        }

        static int Height(ILookup<int, int> children, int rank) => children[rank].Select(child => Height(children, child) + 1).DefaultIfEmpty(0).Max();

        static float Sum(ILookup<int, int> children, int rank, int i) =>
            children[rank].OrderBy(child => Height(children, child)).Aggregate(Value(rank, i), (sum, child) => sum + Sum(children, child, i));
    }
}
