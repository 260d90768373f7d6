namespace HpcTrain.Pipelines.Tests.Checking;

/// <summary>All generators over 1 to 8 stages, 1 to 32 micro-batches and 1 to 4 chunks per rank.</summary>
[TestFixtureSource(typeof(GeneratorCases), nameof(GeneratorCases.Names))]
internal sealed class GeneratorTests(string name)
{
    private readonly PipelineGenerator _generator = PipelineGenerators.Find(name)!;
    private readonly List<(PipelineSpec Spec, PipelineSchedule Schedule)> _made = [];

    [OneTimeSetUp]
    public void Make() => _made.AddRange(GeneratorCases.Accepted(_generator).Select(spec => (spec, _generator.Create(spec))));

    [OneTimeTearDown]
    public void Drop() => _made.Clear();

    [Test]
    public void Every_schedule_passes_the_checker_or_is_refused_with_a_reason()
    {
        foreach (PipelineSpec spec in GeneratorCases.Specs)
        {
            if (_generator.Refusal(spec) is not { } reason)
                continue;
            Assert.That(reason, Does.StartWith(name).And.EndsWith($"{spec}."), $"{spec}");
            Assert.That(() => _generator.Create(spec), Throws.TypeOf<PipelineException>().With.Message.EqualTo(reason));
        }

        foreach ((PipelineSpec spec, PipelineSchedule schedule) in _made)
        {
            PipelineReport report = PipelineChecker.Check(schedule);
            Assert.That((schedule.Stages, schedule.Chunks, schedule.MicroBatches), Is.EqualTo((spec.Stages, spec.Chunks, spec.MicroBatches)));
            int passes = schedule.Purpose == PipelinePurpose.Training ? 2 : 1, boundaries = spec.Stages == 1 ? 0 : spec.Chunks - 1;
            Assert.That(report.Messages, Is.EqualTo(passes * boundaries * spec.MicroBatches), $"{spec}");
        }

        Assert.That(_made, Has.Count.GreaterThanOrEqualTo(8 * 8), "what a generator refuses is the exception, not the rule");
    }

    [Test]
    public void The_bubble_is_what_its_closed_form_says()
    {
        foreach ((PipelineSpec spec, PipelineSchedule schedule) in _made)
        {
            PipelineTiming timing = PipelineSimulator.Run(schedule, PipelineCosts.Slots(spec.Chunks));
            Assert.That(timing.Bubble, Is.EqualTo(_generator.Bubble(spec)).Within(1e-12), $"{spec}");
        }
    }

    [Test]
    public void Each_rank_keeps_what_the_closed_form_says()
    {
        foreach ((PipelineSpec spec, PipelineSchedule schedule) in _made)
        {
            for (int rank = 0; rank < spec.Stages; rank++)
                Assert.That(ActivationMemory.PeakCount(schedule, rank), Is.EqualTo(_generator.PeakActivations(spec, rank)), $"{spec}, rank {rank}");
        }
    }

    [Test]
    public void Gradients_are_added_in_the_order_of_micro_batches()
    {
        foreach ((PipelineSpec spec, PipelineSchedule schedule) in _made)
        {
            var next = new int[schedule.Chunks];
            foreach (PipelineAction action in schedule.Programs.SelectMany(program => program).Where(action => action.Kind.FreesActivations()))
            {
                if (action.MicroBatch != next[action.Chunk]++)
                    Assert.Fail($"{spec}: {action} comes too early; the bits would depend on the schedule");
            }

            Assert.That(next, Is.All.EqualTo(schedule.Purpose == PipelinePurpose.Training ? spec.MicroBatches : 0));
        }
    }
}
