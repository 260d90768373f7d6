using System.Collections.Immutable;
using System.Text.Json;

namespace HpcTrain.Pipelines.Tests.Simulation;

internal sealed class SimulatorTests
{
    [Test]
    public void The_bubble_of_gpipe_and_1f1b_does_not_depend_on_how_long_a_backward_is([Values("gpipe", "1f1b")] string name, [Values(0.5, 1, 3.7)] double backward)
    {
        foreach ((int stages, int microBatches) in new[] { (4, 4), (4, 32), (8, 8), (3, 2) })
        {
            PipelineSchedule schedule = PipelineGenerators.Create(name, new(stages, microBatches));
            PipelineTiming timing = PipelineSimulator.Run(schedule, new() { Chunks = [.. Enumerable.Repeat(new ChunkCost(0.010, backward * 0.006, backward * 0.004), stages)] });
            Assert.That(timing.Bubble, Is.EqualTo((stages - 1.0) / (microBatches + stages - 1)).Within(1e-12));
            Assert.That(timing.Seconds, Is.EqualTo((microBatches + stages - 1) * 0.010 * (1 + backward)).Within(1e-12));
        }
    }

    [Test]
    public void Bubbles_are_in_the_order_that_theory_has_them([Values(2, 4, 8)] int stages)
    {
        double Bubble(string name, int chunks) => PipelineSimulator.Run(PipelineGenerators.Create(name, new(stages, 2 * stages, chunks)), PipelineCosts.Slots(stages * chunks)).Bubble;
        double plain = Bubble("1f1b", 1);
        Assert.That(Bubble("gpipe", 1), Is.EqualTo(plain).Within(1e-12));
        Assert.That(Bubble("interleaved", 2), Is.LessThan(0.6 * plain));
        Assert.That(Bubble("interleaved", 4), Is.LessThan(Bubble("interleaved", 2)));
        Assert.That(Bubble("breadth-first", 2), Is.EqualTo(Bubble("interleaved", 2)).Within(1e-12));
        Assert.That(Bubble("zero-bubble", 1), Is.LessThan(0.5 * plain));
    }

    [Test]
    public void Links_take_their_time_and_carry_one_message_at_a_time()
    {
        // Two stages, two micro-batches forward: the link, slower than the first stage, is what counts.
        PipelineSchedule schedule = PipelineGenerators.Create("forward-only", new(2, 2));
        ChunkCost chunk = new(1, 0, 0) { OutputBytes = 3_000 };
        PipelineTiming timing = PipelineSimulator.Run(schedule, new() { Chunks = [chunk, chunk], BytesPerSecond = 1_000, LatencySeconds = 0.5 });
        Assert.That(timing.Messages.Select(message => (message.Ready, message.Start, message.End)), Is.EqualTo([(1.0, 1.0, 4.5), (2.0, 4.0, 7.5)]));
        Assert.That(timing.Seconds, Is.EqualTo(8.5));
        Assert.That(timing.Spans[1].Select(span => span.Start), Is.EqualTo([4.5, 7.5]));
    }

    [Test]
    public void Reductions_run_beside_backwards_and_the_step_waits_for_them()
    {
        PipelineSchedule schedule = PipelineGenerators.Create("breadth-first", new(2, 2, 2));
        ChunkCost chunk = new(1, 1, 1) { Reduce = 3 };
        PipelineTiming timing = PipelineSimulator.Run(schedule, new() { Chunks = [.. Enumerable.Repeat(chunk, 4)], StepSeconds = 0.25 });
        foreach (ImmutableArray<ActionSpan> row in timing.Spans)
        {
            ActionSpan[] reductions = [.. row.Where(span => span.Action.Kind == ActionKind.ReduceGradients)];
            double lastBackward = row.Where(span => span.Action.Kind == ActionKind.Backward).Max(span => span.End);
            Assert.That(reductions.Select(span => span.End - span.Start), Is.All.EqualTo(3));
            Assert.That(reductions[0].Start, Is.LessThan(lastBackward), "the last chunk's is early");
            Assert.That(reductions[1].Start, Is.EqualTo(Math.Max(lastBackward, reductions[0].End)));
            Assert.That(row[^1].Action, Is.EqualTo(PipelineAction.Step));
            Assert.That((row[^1].Start, row[^1].End), Is.EqualTo((reductions[1].End, reductions[1].End + 0.25)));
        }
    }

    [Test]
    public void Nothing_begins_before_what_it_needs_and_a_rank_does_one_thing_at_a_time([Values] bool even)
    {
        foreach (PipelineGenerator generator in PipelineGenerators.All)
        {
            foreach (PipelineSpec spec in new PipelineSpec[] { new(4, 8), new(4, 8, 2), new(3, 9, 3), new(1, 3, 2), new(5, 2) }.Where(spec => generator.Refusal(spec) is null))
            {
                var random = new Random(spec.Chunks);
                PipelineTiming timing = PipelineSimulator.Run(generator.Create(spec), new()
                {
                    Chunks = [.. Enumerable.Range(0, spec.Chunks).Select(_ => new ChunkCost(even ? 1 : 1 + random.NextDouble(), 1, 1) { OutputBytes = even ? 0 : random.Next(100) })],
                    BytesPerSecond = 100,
                    LatencySeconds = even ? 0 : 0.1,
                });
                AssertCausal(timing);
            }
        }
    }

    [Test]
    public void Recomputation_keeps_inputs_and_one_chunk_of_activations_for_one_more_forward()
    {
        const int Stages = 4, MicroBatches = 8;
        ChunkCost chunk = new(1, 1, 1) { ActivationBytes = 1_000, OutputBytes = 10 };
        foreach (string name in new[] { "gpipe", "1f1b" })
        {
            PipelineSchedule schedule = PipelineGenerators.Create(name, new(Stages, MicroBatches));
            PipelineTiming plain = PipelineSimulator.Run(schedule, new() { Chunks = [.. Enumerable.Repeat(chunk, Stages)] });
            PipelineTiming again = PipelineSimulator.Run(schedule, new() { Chunks = [.. Enumerable.Repeat(chunk.Recomputing(10), Stages)] });
            Assert.That(again.Seconds / plain.Seconds, Is.EqualTo(4 / 3.0).Within(1e-12), "four forwards' time for three");
            for (int rank = 0; rank < Stages; rank++)
            {
                int kept = ActivationMemory.PeakCount(schedule, rank);
                Assert.That((plain.PeakBytes(rank), again.PeakBytes(rank)), Is.EqualTo((kept * 1_000L, (kept * 10L) + 1_000)), $"{name}, rank {rank}");
            }
        }

        // Where a backward is split, what it recomputes lives until its second half, so that nothing is gained on the last stage.
        PipelineSchedule halves = PipelineGenerators.Create("zero-bubble", new(Stages, MicroBatches));
        PipelineTiming split = PipelineSimulator.Run(halves, new() { Chunks = [.. Enumerable.Repeat(chunk.Recomputing(10), Stages)] });
        Assert.That(Enumerable.Range(0, Stages).Select(split.PeakBytes), Is.EqualTo([1_040, 2_040, 3_040, 4_040]));
        PipelineTiming evaluation = PipelineSimulator.Run(PipelineGenerators.Create("forward-only", new(Stages, MicroBatches)), new() { Chunks = [.. Enumerable.Repeat(chunk, Stages)] });
        Assert.That(Enumerable.Range(0, Stages).Select(evaluation.PeakBytes), Is.All.EqualTo(1_000));
    }

    [Test]
    public void Costs_for_another_number_of_chunks_are_refused() => Assert.That(
        () => PipelineSimulator.Run(PipelineGenerators.Create("1f1b", new(4, 8)), PipelineCosts.Slots(5)),
        Throws.TypeOf<PipelineException>().With.Message.EqualTo("Costs are given for 5 chunks, and schedule '1f1b' has 4."));

    [Test]
    public void A_timeline_has_every_computation_and_message_in_rows_without_overlap()
    {
        PipelineSchedule schedule = PipelineGenerators.Create("interleaved", new(3, 6, 2));
        ChunkCost chunk = new(0.001, 0.001, 0.0007) { OutputBytes = 777, Reduce = 0.002 };
        PipelineTiming timing = PipelineSimulator.Run(schedule, new() { Chunks = [.. Enumerable.Repeat(chunk, 6)], BytesPerSecond = 1e6, LatencySeconds = 1e-5, StepSeconds = 1e-4 });
        using var stream = new MemoryStream();
        PipelineTrace.Write(stream, timing);
        using JsonDocument trace = JsonDocument.Parse(stream.ToArray());
        JsonElement[] spans = [.. trace.RootElement.GetProperty("traceEvents").EnumerateArray().Where(one => one.GetProperty("ph").GetString() == "X")];
        Assert.That(spans, Has.Length.EqualTo(timing.Spans.Sum(row => row.Length) + timing.Messages.Length));
        foreach (var row in spans.Where(one => one.GetProperty("cat").GetString() != "message").GroupBy(one => (one.GetProperty("pid").GetInt32(), one.GetProperty("tid").GetInt32())))
        {
            double end = 0;
            foreach (JsonElement one in row.OrderBy(one => one.GetProperty("ts").GetDouble()))
            {
                Assert.That(one.GetProperty("ts").GetDouble(), Is.GreaterThanOrEqualTo(end - 2e-3));
                end = one.GetProperty("ts").GetDouble() + one.GetProperty("dur").GetDouble();
            }
        }

        JsonElement[] kept = [.. trace.RootElement.GetProperty("traceEvents").EnumerateArray().Where(one => one.GetProperty("ph").GetString() == "C")];
        for (int rank = 0; rank < 3; rank++)
        {
            double[] values = [.. kept.Where(one => one.GetProperty("pid").GetInt32() == rank).Select(one => one.GetProperty("args").GetProperty("chunks").GetDouble())];
            Assert.That((values.Max(), values[^1]), Is.EqualTo(((double)ActivationMemory.PeakCount(schedule, rank), 0.0)));
        }
    }

    private static void AssertCausal(PipelineTiming timing)
    {
        PipelineSchedule schedule = timing.Schedule;
        var ends = new Dictionary<PipelineAction, double>();
        foreach (ActionSpan span in timing.Spans.SelectMany(row => row).Where(span => span.Action.Kind.IsComputation()))
            ends[span.Action.Kind == ActionKind.BackwardInput ? span.Action with { Kind = ActionKind.Backward } : span.Action] = span.End;
        Dictionary<PipelineAction, MessageSpan> arrivals = timing.Messages.ToDictionary(message => PipelineSchedule.OtherEnd(message.Send));
        foreach (ImmutableArray<ActionSpan> row in timing.Spans)
        {
            double free = 0;
            foreach (ActionSpan span in row.Where(span => span.Action.Kind.IsComputation()))
            {
                (PipelineAction action, double start, double end) = span;
                Assert.That(start, Is.GreaterThanOrEqualTo(free), $"{action}");
                free = end;
                bool forward = action.Kind == ActionKind.Forward;
                int before = forward ? action.Chunk - 1 : action.Chunk + 1;
                if (action.Kind == ActionKind.BackwardWeight || (uint)before >= (uint)schedule.Chunks)
                    continue;
                double input = arrivals.TryGetValue(action with { Kind = forward ? ActionKind.ReceiveActivation : ActionKind.ReceiveGradient }, out MessageSpan message)
                    ? message.End : ends[action with { Kind = forward ? ActionKind.Forward : ActionKind.Backward, Chunk = before }];
                Assert.That(start, Is.GreaterThanOrEqualTo(input), $"{action}");
                Assert.That(start, Is.EqualTo(Math.Max(input, row.TakeWhile(one => one != span).LastOrDefault(one => one.Action.Kind.IsComputation()).End)), $"{action} is not put off");
            }
        }

        foreach (MessageSpan message in timing.Messages)
        {
            PipelineAction made = message.Send with { Kind = message.Send.Kind == ActionKind.SendActivation ? ActionKind.Forward : ActionKind.Backward };
            Assert.That(message.Start, Is.GreaterThanOrEqualTo(ends[made]), $"{message.Send}");
        }
    }
}
