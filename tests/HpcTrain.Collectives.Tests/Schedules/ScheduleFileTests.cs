namespace HpcTrain.Collectives.Tests.Schedules;

/// <summary>Schedules as text and as JSON files.</summary>
[TestFixture]
public sealed class ScheduleFileTests
{
    [Test]
    public void Text_shows_ranks_lanes_instructions_and_dependencies() =>
        Assert.That(TestAlgorithms.Create("ring", 2).ToText(), Is.EqualTo("""
            ring: allreduce on 2 ranks, 2 chunks
            rank 0
              lane 0, channel 0
                0.0    send data[0] to 1
                0.1    send data[1] to 1  after 1.0
              lane 1, channel 0
                1.0    recv-reduce data[1] from 1
                1.1    recv data[0] from 1  after 0.0
            rank 1
              lane 0, channel 0
                0.0    send data[1] to 0
                0.1    send data[0] to 0  after 1.0
              lane 1, channel 0
                1.0    recv-reduce data[0] from 0
                1.1    recv data[1] from 0  after 0.0

            """.ReplaceLineEndings()));

    [Test]
    public void Json_reads_back_as_written([Range(1, 9)] int ranks, [Values("ring", "recursive-doubling", "halving-doubling")] string algorithm)
    {
        Schedule schedule = TestAlgorithms.Create(algorithm, ranks);
        Schedule read = ScheduleJson.FromJson(schedule.ToJson());
        Assert.That(read.ToText(), Is.EqualTo(schedule.ToText()));
        Assert.That(read.ToJson(), Is.EqualTo(schedule.ToJson()));
    }

    [Test]
    public void Text_of_one_rank() =>
        Assert.That(TestAlgorithms.Create("ring", 2).ToText(1), Is.EqualTo(
            "ring: allreduce on 2 ranks, 2 chunks\nrank 1\n" + TestAlgorithms.Create("ring", 2).ToText().Split("rank 1\n")[1]));

    [Test]
    public void Json_keeps_weights_owners_root_buffers_and_channels()
    {
        Schedule schedule = Everything();
        Schedule read = ScheduleJson.FromJson(schedule.ToJson());
        Assert.That(read.ToText(), Is.EqualTo(schedule.ToText()));
        Assert.That(read.Chunks, Is.EqualTo(schedule.Chunks));
        Assert.That(read.Root, Is.EqualTo(schedule.Root));
    }

    [Test]
    public void A_loaded_file_is_verified()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "ring-3.json");
        TestAlgorithms.Create("ring", 3).Save(path);
        Assert.That(ScheduleFile.Load(path).Algorithm, Is.EqualTo("ring"));

        File.WriteAllText(path, File.ReadAllText(path).Replace("recv-reduce", "recv", StringComparison.Ordinal));
        Assert.That(() => ScheduleFile.Load(path), Throws.TypeOf<ScheduleException>().With.Message.StartsWith($"{path}: ").And.Message.Contains("lacking the contribution"));
        Assert.That(ScheduleFile.Read(path).Algorithm, Is.EqualTo("ring"), "reading checks the form only");
        Assert.That(() => ScheduleFile.Load(path + ".gone"), Throws.TypeOf<ScheduleException>().With.Message.EqualTo($"There is no schedule file {path}.gone; check the path."));
        Assert.That(() => ScheduleFile.Load("/tmp"), Throws.TypeOf<ScheduleException>().With.Message.EqualTo("/tmp is a folder, not a schedule file; name a file in it."));
    }

    [Test]
    public void The_content_tells_the_format()
    {
        string path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "ring-2.any");
        Schedule ring = TestAlgorithms.Create("ring", 2);
        File.WriteAllText(path, "\ufeff\n " + ring.ToMsccl());
        Assert.That(ScheduleFile.Load(path).Collective, Is.EqualTo(CollectiveKind.AllReduce));
        File.WriteAllText(path, "<?xml version=\"1.0\"?>\n<!-- a comment -->\n" + ring.ToMsccl());
        Assert.That(ScheduleFile.Load(path).Ranks, Is.EqualTo(2));
        File.WriteAllText(path, "\n" + ring.ToJson());
        Assert.That(ScheduleFile.Load(path).Ranks, Is.EqualTo(2));
        File.WriteAllText(path, "");
        Assert.That(() => ScheduleFile.Load(path), Throws.TypeOf<ScheduleException>().With.Message.Contains("not valid JSON"));
    }

    [TestCase("\"version\": 1", "\"version\": 2", "At version: version 2 is not known here; the newest is 1.")]
    [TestCase("hpctrain-schedule", "msccl", "At format: 'msccl' is not 'hpctrain-schedule'.")]
    [TestCase("\"allreduce\"", "\"allroduce\"", "At collective: 'allroduce' is not one of allreduce, reduce-scatter")]
    [TestCase("\"ranks\": 2", "\"ranks\": 3", "At programs: there are 2 programs for 3 ranks.")]
    [TestCase("\"rank\": 1", "\"rank\": 0", "At programs[1].rank: rank 0 stands where rank 1 should")]
    [TestCase("\"recv-reduce\"", "\"recvreduce\"", "At programs[0].lanes[1].instructions[0].op: 'recvreduce' is not one of send, recv, recv-reduce")]
    [TestCase("\"peer\": 1", "\"pear\": 1", "At programs[0].lanes[0].instructions[0]: 'pear' is not known; the names here are op, peer,")]
    [TestCase("\"1.0\"", "\"10\"", "At programs[0].lanes[0].instructions[1].after[0]: '10' is not of the form lane.instruction")]
    [TestCase("\"chunk\": 0", "\"chunk\": 0.5", "At programs[0].lanes[0].instructions[0].chunk: an integer is expected.")]
    [TestCase("\"weight\": 1", "\"weight\": 0", "chunk 0 has weight 0")]
    [TestCase("\"weight\": 1", "\"weight\": 1, \"owner\": 0", "chunk 0 names owner 0, but chunks of a allreduce have no owner")]
    [TestCase("\"programs\": [", "\"programs\": ", "The schedule is not valid JSON: line ")]
    public void A_wrong_file_is_refused_with_its_place(string good, string bad, string message)
    {
        string json = TestAlgorithms.Create("ring", 2).ToJson();
        int at = json.IndexOf(good, StringComparison.Ordinal);
        Assert.That(at, Is.GreaterThanOrEqualTo(0));
        string damaged = json[..at] + bad + json[(at + good.Length)..];
        Assert.That(() => ScheduleJson.FromJson(damaged), Throws.TypeOf<ScheduleException>().With.Message.Contains(message));
    }

    [TestCase("", 1)]
    [TestCase("{\n  \"format\": 1,\n  \"version\" 1\n}", 3)]
    [TestCase("{\n}\n\n]", 4)]
    public void What_is_no_JSON_is_refused_with_its_line(string text, int line) =>
        Assert.That(() => ScheduleJson.FromJson(text), Throws.TypeOf<ScheduleException>()
            .With.Message.StartsWith($"The schedule is not valid JSON: line {line}: ").And.Message.Not.Contains("LineNumber").And.Message.Not.Contains("BytePosition"));

    private static Schedule Everything()
    {
        var program = new ProgramBuilder();
        LaneBuilder first = program.Lane(3);
        InstructionId copied = first.Copy(BufferId.Data, BufferId.Scratch(7), new ChunkRange(0, 2));
        program.Lane().Reduce(BufferId.Scratch(7), BufferId.Scratch(2), 1, copied, copied);
        return new(CollectiveKind.Gather, "with \"quotes\"", [new(24, 0), new(7, 1), new(17, 1)], [program.Build(), RankProgram.Empty], root: 1);
    }
}
