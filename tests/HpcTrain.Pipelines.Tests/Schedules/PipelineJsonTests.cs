namespace HpcTrain.Pipelines.Tests.Schedules;

internal sealed class PipelineJsonTests
{
    [Test]
    public void A_schedule_survives_its_file()
    {
        foreach (PipelineGenerator generator in PipelineGenerators.All)
        {
            foreach (PipelineSpec spec in new PipelineSpec[] { new(4, 8), new(2, 4, 3) }.Where(spec => generator.Refusal(spec) is null))
            {
                PipelineSchedule schedule = generator.Create(spec), read = PipelineJson.FromJson(schedule.ToJson());
                Assert.That((read.Name, read.Purpose, read.MicroBatches), Is.EqualTo((schedule.Name, schedule.Purpose, schedule.MicroBatches)));
                Assert.That(read.Placement, Is.EqualTo(schedule.Placement));
                Assert.That(read.Programs, Is.EqualTo(schedule.Programs));
            }
        }
    }

    [TestCase("\"do\": \"forward\"", "\"do\": \"foward\"", "At programs[0].actions[0].do: 'foward' is not one of forward, backward,")]
    [TestCase("\"micro_batch\": 0", "\"microbatch\": 0", "At programs[0].actions[0]: 'microbatch' is not known; the names here are do, micro_batch, chunk")]
    [TestCase("\"micro_batch\": 0", "\"micro_batch\": 0.5", "At programs[0].actions[0].micro_batch: a whole number is expected")]
    [TestCase("\"version\": 1", "\"version\": 2", "At version: version 2 is not known here; the newest is 1")]
    [TestCase("hpctrain-pipeline", "hpctrain-schedule", "At format: 'hpctrain-schedule' is not 'hpctrain-pipeline'")]
    [TestCase("\"purpose\": \"training\"", "\"purpose\": \"fun\"", "At purpose: 'fun' is not one of training, evaluation")]
    [TestCase("\"rank\": 1", "\"rank\": 0", "At programs[1].rank: rank 0 stands where rank 1 should")]
    [TestCase("[0, 1]", "[0, 2]", "places chunk 1 on rank 2; ranks are numbered from 0 to 1")]
    [TestCase("[0, 1]", "[0, 0]", "places no chunk on rank 1")]
    [TestCase("\"micro_batches\": 2", "\"micro_batches\": 0", "has 0 micro-batches; it needs at least one")]
    [TestCase("\"micro_batches\": 2,", "", "At the top: 'micro_batches' is missing")]
    [TestCase("\"programs\": [", "\"programs\": [[", "The schedule is not valid JSON: line ")]
    public void Mistakes_name_their_place(string from, string to, string words)
    {
        string json = PipelineGenerators.Create("1f1b", new(2, 2)).ToJson();
        Assert.That(json, Does.Contain(from));
        int at = json.IndexOf(from, StringComparison.Ordinal);
        Assert.That(() => PipelineJson.FromJson(json[..at] + to + json[(at + from.Length)..]), Throws.TypeOf<PipelineException>().With.Message.Contains(words));
    }

    [Test]
    public void A_file_that_names_a_billion_micro_batches_is_refused_at_once()
    {
        string json = PipelineGenerators.Create("1f1b", new(2, 2)).ToJson().Replace("\"micro_batches\": 2", "\"micro_batches\": 2000000000");
        Assert.That(() => PipelineChecker.Check(PipelineJson.FromJson(json)), Throws.TypeOf<PipelineException>().With.Message.EqualTo(
            "Schedule '1f1b' has 20 actions, too few for 2000000000 micro-batches through 2 chunks."));
    }

    [Test]
    public void A_file_is_checked_when_it_is_loaded_and_named_when_it_is_wrong()
    {
        string path = Path.Combine(Path.GetTempPath(), $"hpctrain-pipeline-{Guid.NewGuid():N}.json");
        try
        {
            PipelineSchedule schedule = PipelineGenerators.Create("zero-bubble", new(3, 5));
            File.WriteAllText(path, schedule.ToJson());
            Assert.That(PipelineJson.Load(path).Programs, Is.EqualTo(schedule.Programs));
            Assert.That(() => PipelineJson.Load(path, ActivationLimit.MicroBatches(2)), Throws.TypeOf<PipelineException>().With.Message.Contains("the limit is 2"));
            File.WriteAllText(path, schedule.ToJson().Replace("{\"do\": \"backward-weight\", \"micro_batch\": 0, \"chunk\": 0},", ""));
            Assert.That(() => PipelineJson.Load(path), Throws.TypeOf<PipelineException>().With.Message.StartsWith(
                $"{path}: Schedule 'zero-bubble' on 3 ranks: rank 0, action ").And.Message.Contains("comes before the chunk's last backward: 4 of 5 are done"));
        }
        finally
        {
            File.Delete(path);
        }

        Assert.That(() => PipelineJson.Load(path), Throws.TypeOf<PipelineException>().With.Message.EqualTo($"There is no pipeline schedule file {path}; check the path."));
    }
}
