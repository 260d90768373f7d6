using System.Globalization;
using System.Xml.Linq;
using HpcTrain.Collectives.Tests.Execution;

namespace HpcTrain.Collectives.Tests.Schedules;

/// <summary>What is written as MSCCL XML reads back as a schedule that does the same: proved, run, and compared bit by bit.</summary>
[TestFixture]
public sealed class MscclRoundTripTests
{
    private static readonly int[] s_ranks = [1, 2, 3, 4, 5, 6, 7, 8, 12, 16];

    [TestCaseSource(typeof(TestAlgorithms), nameof(TestAlgorithms.WithData))]
    public void Every_algorithm_comes_back(Algorithm algorithm)
    {
        CollectiveKind kind = algorithm.Collective;
        foreach (ScheduleSpec spec in Specs(kind).Where(spec => algorithm.Unusable(spec) == null))
        {
            Schedule schedule = algorithm.Create(spec);
            Schedule read = MscclXml.FromMsccl(schedule.ToMsccl());
            Assert.That((read.Collective, read.Algorithm, read.Ranks, read.Root), Is.EqualTo((kind, schedule.Algorithm, schedule.Ranks, schedule.Root)));
            VerificationReport before = ScheduleVerifier.Verify(schedule), after = ScheduleVerifier.Verify(read);
            Assert.That(after.SentShare, Is.EqualTo(before.SentShare).Within(1e-12), $"{schedule}");
            Assert.That(after.ReducedShare, Is.EqualTo(before.ReducedShare).Within(1e-12), $"{schedule}");

            // Bits of floats tell whether the reductions come in the same order; the lengths put every chunk boundary on the same element.
            int count = 2 * schedule.Chunks.Sum(chunk => (int)chunk.Weight);
            if (kind.HasOwners())
                count /= spec.Ranks;
            ScheduleTrial.Check(read, count + 1);
            Assert.That(Floats(read, count), Is.EqualTo(Floats(schedule, count)), $"{schedule}");
            Assert.That(MscclXml.FromMsccl(read.ToMsccl()).Chunks, Is.EqualTo(read.Chunks), "and once more");
        }
    }

    [Test]
    public void A_ring_is_written_as_one_thread_block_of_fused_steps()
    {
        var gpu = XDocument.Parse(TestAlgorithms.Create("ring", 4).ToMsccl()).Root!.Elements("gpu").First();
        string[] blocks = [.. gpu.Elements("tb").Select(block => string.Join(' ', block.Elements("step").Select(step =>
            $"{step.Attribute("type")!.Value}{step.Attribute("srcoff")!.Value}")))];
        Assert.That(blocks, Is.EqualTo(new[] { "s0 rrcs3 rrcs2 rrcs1 rcs0 rcs3 r2" }));
    }

    [Test]
    public void Weights_become_numbers_of_equal_chunks()
    {
        Schedule schedule = Chain(new Chunk(30), new Chunk(10), new Chunk(60));
        string xml = schedule.ToMsccl();
        Assert.That(xml, Does.Contain("nchunksperloop=\"10\"").And.Contain("root=\"0\"").And.Contain("srcoff=\"3\"").And.Contain("cnt=\"7\""));
        Schedule read = MscclXml.FromMsccl(xml);
        Assert.That(read.Chunks, Is.EqualTo(Schedule.EqualChunks(10)));
        ScheduleTrial.Check(read, 101);
    }

    [Test]
    public void Long_runs_become_several_steps_within_the_runtimes_limit()
    {
        Schedule schedule = Chain(new Chunk(100), new Chunk(1));
        var steps = XDocument.Parse(schedule.ToMsccl()).Descendants("step").ToList();
        Assert.That(steps.Max(step => int.Parse(step.Attribute("cnt")!.Value, CultureInfo.InvariantCulture)), Is.LessThan(72));
        ScheduleTrial.Check(MscclXml.FromMsccl(schedule.ToMsccl()), 333);
    }

    [TestCase("1000003,1000000", "1,1", "With 2 no chunk, and no link's load, grows by more than 0.0001")]
    [TestCase("10000000,20000001,30000000", "1,2,3", "With 6 no chunk")]
    [TestCase("31415927,27182818", "7,6", "With 13 no chunk, and no link's load, grows by more than 0.4369%")]
    [TestCase("1,1000000", "1,32738", "no chunk, and no link's load, grows by more than 29")]
    public void Weights_that_need_too_many_chunks_are_rounded_and_it_is_said_what_that_costs(string weights, string rounded, string cost)
    {
        Schedule schedule = Chain([.. weights.Split(',').Select(weight => new Chunk(long.Parse(weight, CultureInfo.InvariantCulture)))]);
        var notes = new List<string>();
        Schedule read = MscclXml.FromMsccl(schedule.ToMsccl(notes));
        int[] counts = [.. rounded.Split(',').Select(int.Parse)];
        Assert.That(notes[0], Does.StartWith($"The chunks' weights are rounded: exact ones need {schedule.Chunks.Sum(chunk => chunk.Weight)} chunks").And.Contain(cost));
        Assert.That(read.Chunks, Is.EqualTo(Schedule.EqualChunks(counts.Sum())));
        ScheduleTrial.Check(read, 101);
    }

    [Test]
    public void Blocks_keep_equal_lengths_when_weights_are_rounded()
    {
        Chunk[] chunks = [.. Enumerable.Range(0, 3).SelectMany(rank => new[] { new Chunk(1_000_000 + rank, rank), new Chunk(2_000_000 - rank, rank) })];
        var schedule = new Schedule(CollectiveKind.AllGather, "direct", [.. chunks], [.. Enumerable.Range(0, 3).Select(Program)]);
        Schedule read = MscclXml.FromMsccl(schedule.ToMsccl());
        Assert.That(read.Chunks.Select(chunk => chunk.Owner), Is.EqualTo(new[] { 0, 0, 0, 1, 1, 1, 2, 2, 2 }));
        ScheduleTrial.Check(read, 31);

        static RankProgram Program(int rank)
        {
            var program = new ProgramBuilder();
            foreach (int peer in Enumerable.Range(0, 3).Where(peer => peer != rank))
            {
                LaneBuilder sends = program.Lane(), receives = program.Lane();
                for (int c = 0; c < 2; c++)
                {
                    sends.Send(peer, BufferId.Data, (2 * rank) + c);
                    receives.Recv(peer, BufferId.Data, (2 * peer) + c);
                }
            }

            return program.Build();
        }
    }

    [Test]
    public void More_chunks_than_are_counted_are_refused() =>
        Assert.That(() => Chain([.. Enumerable.Repeat(new Chunk(1), 40_000)]).ToMsccl(),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("40000 chunks of equal length, but MSCCL counts 32767 at most"));

    [Test]
    public void A_wrong_schedule_is_not_written()
    {
        Schedule wrong = new(CollectiveKind.AllReduce, "nothing", 2, Schedule.EqualChunks(1), _ => RankProgram.Empty);
        Assert.That(() => wrong.ToMsccl(), Throws.TypeOf<ScheduleException>().With.Message.Contains("lacking the contribution of rank 1"));
        Schedule barrier = new(CollectiveKind.Barrier, "alone", 1, Schedule.EqualChunks(1), _ => RankProgram.Empty);
        Assert.That(() => barrier.ToMsccl(), Throws.TypeOf<ScheduleException>().With.Message.Contains("is a barrier, which MSCCL files cannot say"));
    }

    [Test]
    public void A_name_with_marks_survives()
    {
        var named = new Schedule(CollectiveKind.Broadcast, "a < \"b\" & c", Schedule.EqualChunks(1), [RankProgram.Empty], root: 0);
        Assert.That(MscclXml.FromMsccl(named.ToMsccl()).Algorithm, Is.EqualTo("a < \"b\" & c"));
    }

    [TestCase(16, "")]
    [TestCase(40, "A thread block has 79 steps; AMD's runtime takes 64.")]
    [TestCase(200, "A thread block has 399 steps; Microsoft's runtime takes 256 and AMD's 64.")]
    public void Limits_of_the_runtimes_are_told(int ranks, string note)
    {
        var notes = new List<string>();
        Schedule read = MscclXml.FromMsccl(TestAlgorithms.Create("ring", ranks).ToMsccl(notes));
        Assert.That(string.Join(' ', notes), Is.EqualTo(note));
        Assert.That(ScheduleVerifier.Verify(read).Steps, Is.EqualTo(2 * (ranks - 1)));
    }

    private static IEnumerable<ScheduleSpec> Specs(CollectiveKind kind)
    {
        foreach (int ranks in s_ranks)
        {
            foreach (int root in kind.HasRoot() ? new[] { 0, ranks / 2, ranks - 1 }.Distinct() : [0])
            {
                yield return new(kind, ranks) { Root = root };
                if (ranks > 2)
                    yield return new(kind, ranks) { Root = root, Nodes = NodeMap.Blocks(ranks, ranks % 4 == 0 ? 4 : 2) };
            }
        }
    }

    /// <summary>Sums of these depend on their order in nearly every element.</summary>
    private static float[][] Floats(Schedule schedule, int count) =>
        ScheduleTrial.Run(schedule, count, (rank, i) => (float)Math.Exp(((rank * 7919) + (i * 104_729)) % 97 / 5.0));

    /// <summary>A broadcast from rank 0 to rank 1 to rank 2, chunk by chunk but for the last two, which go together.</summary>
    private static Schedule Chain(params Chunk[] chunks)
    {
        RankProgram Program(int rank)
        {
            var program = new ProgramBuilder();
            LaneBuilder lane = program.Lane();
            for (int c = 0; c < chunks.Length - 1; c++)
            {
                var range = new ChunkRange(c, c == chunks.Length - 2 ? 2 : 1);
                if (rank > 0)
                    lane.Recv(rank - 1, BufferId.Data, range);
                if (rank < 2)
                    lane.Send(rank + 1, BufferId.Data, range);
            }

            return program.Build();
        }

        return new(CollectiveKind.Broadcast, "chain", 3, [.. chunks], Program, root: 0);
    }
}
