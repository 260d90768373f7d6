using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace HpcTrain.Pipelines.Tests.Checking;

/// <summary>Wrong schedules, each refused with the place in a sentence.</summary>
internal sealed class CheckerTests
{
    private const int Stages = 3, MicroBatches = 4;

    private static IEnumerable<PipelineSchedule> Samples =>
    [
        PipelineGenerators.Create("1f1b", new(Stages, MicroBatches)),
        PipelineGenerators.Create("zero-bubble", new(Stages, MicroBatches)),
        PipelineGenerators.Create("interleaved", new(2, 4, 2)),
        PipelineGenerators.Create("breadth-first", new(1, MicroBatches, 3)),
        PipelineGenerators.Create("forward-only", new(Stages, MicroBatches, 2)),
    ];

    [TestCaseSource(nameof(Samples))]
    public void No_action_can_be_left_out(PipelineSchedule schedule)
    {
        foreach ((int rank, int action) in Actions(schedule))
            Refused(With(schedule, rank, schedule.Programs[rank].RemoveAt(action)), $"without {schedule.Programs[rank][action]} of rank {rank}");
    }

    [TestCaseSource(nameof(Samples))]
    public void No_action_can_come_twice(PipelineSchedule schedule)
    {
        foreach ((int rank, int action) in Actions(schedule))
            Refused(With(schedule, rank, schedule.Programs[rank].Insert(action, schedule.Programs[rank][action])), $"{schedule.Programs[rank][action]} of rank {rank} twice");
    }

    [TestCaseSource(nameof(Samples))]
    public void No_action_can_name_another_micro_batch_or_chunk(PipelineSchedule schedule)
    {
        foreach ((int rank, int action) in Actions(schedule))
        {
            PipelineAction right = schedule.Programs[rank][action];
            if (right.Kind == ActionKind.Step)
                continue;
            IEnumerable<PipelineAction> wrong = Enumerable.Range(-1, schedule.Chunks + 2).Select(chunk => right with { Chunk = chunk });
            if (right.Kind.HasMicroBatch())
                wrong = wrong.Concat(Enumerable.Range(-1, schedule.MicroBatches + 2).Select(microBatch => right with { MicroBatch = microBatch }));
            foreach (PipelineAction one in wrong.Where(one => one != right))
                Refused(With(schedule, rank, schedule.Programs[rank].SetItem(action, one)), $"{one} for {right} of rank {rank}");
        }
    }

    /// <summary>Where neighbours may change places, everything is still done; the checker accepts exactly those changes that a run without buffering survives.</summary>
    [TestCaseSource(nameof(Samples))]
    public void Neighbours_that_change_places_are_refused_or_do_no_harm(PipelineSchedule schedule)
    {
        int refused = 0, accepted = 0;
        foreach ((int rank, int action) in Actions(schedule))
        {
            ImmutableArray<PipelineAction> program = schedule.Programs[rank];
            if (action + 1 == program.Length)
                continue;
            PipelineSchedule swapped = With(schedule, rank, program.SetItem(action, program[action + 1]).SetItem(action + 1, program[action]));
            try
            {
                PipelineChecker.Check(swapped);
                accepted++;
                Assert.That(Plays(swapped), $"rank {rank}, action {action}");
            }
            catch (PipelineException error)
            {
                refused++;
                if (error.Message.Contains("deadlock", StringComparison.Ordinal))
                    Assert.That(Plays(swapped), Is.False, error.Message);
            }
        }

        Assert.That(refused, Is.GreaterThan(3));
        if (schedule.Stages > 1)
            Assert.That(accepted, Is.GreaterThan(0), "messages of an exchange have no order");
    }

    /// <summary>Each rank sends before it computes and then receives: this ends where messages are buffered, and stands where they are not.</summary>
    [Test]
    public void Sends_that_rely_on_buffering_are_a_deadlock()
    {
        const ActionKind F = ActionKind.Forward, B = ActionKind.Backward, SendF = ActionKind.SendActivation, RecvF = ActionKind.ReceiveActivation,
            SendB = ActionKind.SendGradient, RecvB = ActionKind.ReceiveGradient;
        PipelineSchedule schedule = new("hand", PipelinePurpose.Training, 3, PipelineSchedule.Loop(2, 1),
        [
            [
                new(F, 0, 0), new(SendF, 0, 0), new(F, 1, 0), new(SendF, 1, 0), new(F, 2, 0), new(RecvB, 0, 0), new(B, 0, 0), new(SendF, 2, 0), new(RecvB, 1, 0), new(B, 1, 0),
                new(RecvB, 2, 0), new(B, 2, 0), PipelineAction.Reduce(0), PipelineAction.Step,
            ],
            [
                new(RecvF, 0, 1), new(F, 0, 1), new(ActionKind.BackwardInput, 0, 1), new(SendB, 0, 1), new(ActionKind.BackwardWeight, 0, 1), new(RecvF, 1, 1), new(F, 1, 1), new(B, 1, 1),
                new(SendB, 1, 1), new(RecvF, 2, 1), new(F, 2, 1), new(B, 2, 1), new(SendB, 2, 1), PipelineAction.Reduce(1), PipelineAction.Step,
            ],
        ]);
        Assert.That(PipelineSimulator.Run(schedule, PipelineCosts.Slots(2)).Seconds, Is.EqualTo(12), "with buffers");
        Assert.That(() => PipelineChecker.Check(schedule), Throws.TypeOf<PipelineException>().With.Message.EqualTo(
            "Schedule 'hand' on 2 ranks: rank 0, action 3 (send-activation of micro-batch 1, chunk 0) is in a deadlock: it waits for rank 1, action 3 "
            + "(send-gradient of micro-batch 0, chunk 1), which waits for rank 0, action 3 (send-activation of micro-batch 1, chunk 0).")
            .And.Property(nameof(PipelineException.Rank)).EqualTo(0).And.Property(nameof(PipelineException.Action)).EqualTo(3));

        // Without the computation between them, the last rank's messages are one exchange, and nothing stands.
        ImmutableArray<PipelineAction> last = schedule.Programs[1];
        PipelineChecker.Check(With(schedule, 1, last.SetItem(4, last[5]).SetItem(5, last[4])));
    }

    [Test]
    public void A_channel_has_one_order()
    {
        PipelineSchedule schedule = PipelineGenerators.Create("gpipe", new(2, 2));
        ImmutableArray<PipelineAction> second =
        [
            .. schedule.Programs[1].Where(action => action.Kind == ActionKind.ReceiveActivation).Reverse(),
            .. schedule.Programs[1].Where(action => action.Kind != ActionKind.ReceiveActivation),
        ];
        Assert.That(() => PipelineChecker.Check(With(schedule, 1, second)), Throws.TypeOf<PipelineException>().With.Message.Contains("both ends of a channel have micro-batches in the same order"));
    }

    [Test]
    public void A_memory_limit_is_met_or_the_action_named()
    {
        PipelineSchedule schedule = PipelineGenerators.Create("1f1b", new(4, 8)), loops = PipelineGenerators.Create("interleaved", new(4, 8, 2));
        Assert.That(() => PipelineChecker.Check(schedule, ActivationLimit.MicroBatches(4)), Throws.Nothing);
        Assert.That(() => PipelineChecker.Check(schedule, ActivationLimit.MicroBatches(3)), Throws.TypeOf<PipelineException>().With.Message.EqualTo(
            "Schedule '1f1b' on 4 ranks: rank 0, action 6 (forward of micro-batch 3, chunk 0) has the rank keep activations of 4 micro-batches, and the limit is 3 micro-batches."));
        Assert.That(() => PipelineChecker.Check(loops, ActivationLimit.MicroBatches(5)), Throws.TypeOf<PipelineException>().With.Message.Contains("5.5 micro-batches, and the limit is 5"));
        Assert.That(() => PipelineChecker.Check(schedule, ActivationLimit.Bytes([100, 10, 10, 10], 400)), Throws.Nothing);
        Assert.That(() => PipelineChecker.Check(schedule, ActivationLimit.Bytes([10, 150, 10, 10], 400)), Throws.TypeOf<PipelineException>().With.Message.Contains("rank 1,").And.Message.Contains("450 bytes"));
        Assert.That(() => PipelineChecker.Check(schedule, ActivationLimit.Bytes([1], 400)), Throws.TypeOf<PipelineException>().With.Message.Contains("given for 1 chunks"));
    }

    [Test]
    public void Buffers_are_few_and_counted()
    {
        PipelineReport report = PipelineChecker.Check(PipelineGenerators.Create("1f1b", new(4, 8)));
        Assert.That(report.Buffers.Select(chunk => chunk.Activations), Is.EqualTo([0, 1, 1, 1]));
        Assert.That(report.Buffers.Select(chunk => chunk.Gradients), Is.EqualTo([1, 1, 1, 0]));
        foreach (PipelineSpec spec in GeneratorCases.Accepted(PipelineGenerators.Find("interleaved")!).Where(spec => spec.MicroBatches == 24))
        {
            foreach (MessageBuffers buffers in PipelineChecker.Check(PipelineGenerators.Create("interleaved", spec)).Buffers)
                Assert.That(Math.Max(buffers.Activations, buffers.Gradients), Is.LessThanOrEqualTo(spec.Stages), $"{spec}");
        }
    }

    private static IEnumerable<(int Rank, int Action)> Actions(PipelineSchedule schedule) =>
        schedule.Programs.SelectMany((program, rank) => Enumerable.Range(0, program.Length).Select(action => (rank, action)));

    private static PipelineSchedule With(PipelineSchedule schedule, int rank, ImmutableArray<PipelineAction> program) =>
        new(schedule.Name, schedule.Purpose, schedule.MicroBatches, schedule.Placement, schedule.Programs.SetItem(rank, program));

    private static void Refused(PipelineSchedule schedule, string what) => Assert.That(() => PipelineChecker.Check(schedule),
        Throws.TypeOf<PipelineException>().With.Message.Matches(new Regex($"^Schedule '{schedule.Name}' .*rank .*\\.$")), what);

    /// <summary>Plays a schedule by its rules, written another way: whole exchanges that are open on both sides, one message at a time, until nothing moves.</summary>
    private static bool Plays(PipelineSchedule schedule)
    {
        var done = new HashSet<(int, PipelineAction)>();
        bool moved = true;
        while (moved)
        {
            moved = false;
            foreach ((int rank, int action) in Actions(schedule))
            {
                PipelineAction one = schedule.Programs[rank][action];
                if (done.Contains((rank, one)) || !IsOpen(schedule, rank, action, done))
                    continue;
                if (!one.Kind.IsMessage())
                {
                    moved = done.Add((rank, one));
                    continue;
                }

                int peer = schedule.Peer(one), other = schedule.Programs[peer].IndexOf(PipelineSchedule.OtherEnd(one));
                if (IsOpen(schedule, peer, other, done))
                    moved = done.Add((rank, one)) & done.Add((peer, PipelineSchedule.OtherEnd(one)));
            }
        }

        return done.Count == schedule.Programs.Sum(program => program.Length);
    }

    /// <summary>Whether all is done that stands before the exchange of an action, or before the action if it is no message.</summary>
    private static bool IsOpen(PipelineSchedule schedule, int rank, int action, HashSet<(int, PipelineAction)> done)
    {
        while (schedule.Programs[rank][action].Kind.IsMessage() && action > 0 && schedule.Programs[rank][action - 1].Kind.IsMessage())
            action--;
        return schedule.Programs[rank][..action].All(one => done.Contains((rank, one)));
    }
}
