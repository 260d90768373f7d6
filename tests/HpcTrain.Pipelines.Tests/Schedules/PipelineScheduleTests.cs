namespace HpcTrain.Pipelines.Tests.Schedules;

internal sealed class PipelineScheduleTests
{
    [Test]
    public void Both_ends_of_a_message_agree_on_its_channel_and_nobody_else_has_it()
    {
        PipelineSchedule schedule = PipelineGenerators.Create("interleaved", new(3, 6, 2));
        var ends = schedule.Programs.SelectMany((program, rank) => program.Where(action => action.Kind.IsMessage()).Select(action => (Rank: rank, Action: action))).ToArray();
        foreach (var channel in ends.GroupBy(end => PipelineSchedule.Channel(end.Action)))
        {
            (int, ActionKind, int)[] sides = [.. channel.Select(end => (end.Rank, end.Action.Kind, end.Action.Chunk)).Distinct()];
            Assert.That(sides, Has.Length.EqualTo(2), $"channel {channel.Key}");
            Assert.That(channel.Count(), Is.EqualTo(2 * schedule.MicroBatches));
        }

        Assert.That(ends.Select(end => PipelineSchedule.Channel(end.Action)).Distinct().Order(), Is.EqualTo(Enumerable.Range(0, 2 * (schedule.Chunks - 1))));
        foreach ((int rank, PipelineAction action) in ends)
        {
            PipelineAction other = PipelineSchedule.OtherEnd(action);
            Assert.That((PipelineSchedule.OtherEnd(other), schedule.Peer(other), PipelineSchedule.Channel(other)), Is.EqualTo((action, rank, PipelineSchedule.Channel(action))));
            Assert.That(schedule.Programs[schedule.Peer(action)], Does.Contain(other));
        }
    }

    [TestCase("gpipe", 2, "gpipe has one chunk per rank; take breadth-first, which is gpipe in loops, or interleaved for several; asked for were 4 stages, 4 micro-batches, 2 chunks per rank.")]
    [TestCase("interleaved", 1, "interleaved needs at least two chunks per rank; with one it is 1f1b; asked for were 4 stages, 4 micro-batches, 1 chunk per rank.")]
    [TestCase("zig-zag", 1, "There is no pipeline schedule 'zig-zag'; the schedules are gpipe, 1f1b, interleaved, breadth-first, zero-bubble, forward-only.")]
    public void What_cannot_be_made_is_refused_in_a_sentence(string name, int chunks, string words) =>
        Assert.That(() => PipelineGenerators.Create(name, new(4, 4, chunks)), Throws.TypeOf<PipelineException>().With.Message.EqualTo(words));

    [TestCase("interleaved", 2, 3, 4, "needs at least as many micro-batches as stages")]
    [TestCase("interleaved", 2, 6, 4, "needs a multiple of the stages")]
    [TestCase("zero-bubble", 1, 3, 4, "needs at least as many micro-batches as stages; take 1f1b for fewer")]
    public void Too_few_micro_batches_are_refused(string name, int chunks, int microBatches, int stages, string words) =>
        Assert.That(PipelineGenerators.Find(name)!.Refusal(new(stages, microBatches, chunks)), Does.Contain(words));

    [TestCase(0, 1, 1)]
    [TestCase(1, 0, 1)]
    [TestCase(1, 1, 0)]
    public void Nothing_is_no_pipeline(int stages, int microBatches, int chunks)
    {
        foreach (PipelineGenerator generator in PipelineGenerators.All)
            Assert.That(generator.Refusal(new(stages, microBatches, chunks)), Does.StartWith("A pipeline needs at least one"));
    }

    [Test]
    public void Every_name_and_other_name_finds_its_generator()
    {
        foreach (PipelineGenerator generator in PipelineGenerators.All)
        {
            foreach (string name in generator.Aliases.Append(generator.Name))
                Assert.That(PipelineGenerators.Find(name.ToUpperInvariant()), Is.SameAs(generator));
        }
    }
}
