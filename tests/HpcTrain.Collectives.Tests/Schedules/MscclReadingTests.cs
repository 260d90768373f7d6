using HpcTrain.Collectives.Tests.Execution;

namespace HpcTrain.Collectives.Tests.Schedules;

/// <summary>MSCCL algorithms as others write them: they load, are proved, run, and mean what the runtimes make of them.</summary>
[TestFixture]
public sealed class MscclReadingTests
{
    private static IEnumerable<TestCaseData> Fixtures =>
    [
        .. new[] { 2, 3, 4, 7, 8 }.Select(n => new TestCaseData(MscclFixtures.Ring(n), 2 * (n - 1), 0).SetArgDisplayNames($"ring {n}")),
        .. new[] { 2, 3, 4, 8 }.Select(n => new TestCaseData(MscclFixtures.AllPairs(n), 2, n - 1).SetArgDisplayNames($"all pairs {n}")),
        .. new[] { 2, 3, 5 }.Select(n => new TestCaseData(MscclFixtures.Star(n), n == 2 ? 2 : n, 0).SetArgDisplayNames($"star {n}")),
        new TestCaseData(MscclFixtures.TwoHops(), 4, 1).SetArgDisplayNames("two hops"),
    ];

    [TestCaseSource(nameof(Fixtures))]
    public void Fixtures_load_are_proved_and_run(string xml, int steps, int scratchBuffers)
    {
        Schedule schedule = MscclXml.FromMsccl(xml);
        Assert.That(ScheduleVerifier.Verify(schedule).Steps, Is.EqualTo(steps));
        Assert.That(Instructions(schedule).Max(instruction => Math.Max(instruction.Buffer.Index, instruction.Source.Index)), Is.EqualTo(scratchBuffers));
        foreach (int count in new[] { 1, 5, 64, 131 })
            ScheduleTrial.Check(schedule, count);
    }

    [Test]
    public void A_ring_reads_as_a_pipeline_of_two_lanes() =>
        Assert.That(Program(MscclFixtures.Ring(3), rank: 0), Is.EqualTo("""
            rank 0
              lane 0, channel 0
                0.0    send data[0] to 1
                0.1    send data[2] to 1  after 1.0
                0.2    send data[1] to 1  after 1.1
                0.3    send data[0] to 1  after 1.2
              lane 1, channel 0
                1.0    recv-reduce data[2] from 2
                1.1    recv-reduce data[1] from 2
                1.2    recv data[0] from 2  after 0.0
                1.3    recv data[2] from 2  after 0.1

            """.ReplaceLineEndings()));

    [Test]
    public void What_is_reduced_in_registers_leaves_its_source_alone()
    {
        // GPU 1 passes the sum on without keeping it, and gives its own contribution away a second time.
        var file = new MscclText("reduce", 3, 1, inPlace: true, " root=\"2\"");
        file.Gpu(0, 1, 0, 1);
        file.Block(1, 1);
        file.Step("s", "i", 0);
        file.Step("r", "s", 0);
        file.Gpu(1, 1, 0, 0);
        file.Block(2, 0);
        file.Step("rrs", "i", 0);
        file.Block(0, -1);
        file.Step("s", "i", 0);
        file.Gpu(2, 1, 0, 0);
        file.Block(-1, 1);
        file.Step("rrc", "i", 0);
        string xml = file.Close();
        Assert.That(Program(xml, rank: 1), Is.EqualTo("""
            rank 1
              lane 0, channel 0
                0.0    send data[0] to 0
              lane 1, channel 0
                1.0    recv-reduce data[0] from 0  after 0.0
              lane 2, channel 0
                2.0    send data[0] to 2  after 1.0

            """.ReplaceLineEndings()), "a read that comes first does not need the source to live on");

        string late = xml.Replace("<tb id=\"1\" send=\"0\" recv=\"-1\" chan=\"0\">\n      <step s=\"0\" type=\"s\" srcbuf=\"i\" srcoff=\"0\" dstbuf=\"i\" dstoff=\"0\" cnt=\"1\" depid=\"-1\" deps=\"-1\"",
            "<tb id=\"1\" send=\"0\" recv=\"-1\" chan=\"0\">\n      <step s=\"0\" type=\"s\" srcbuf=\"i\" srcoff=\"0\" dstbuf=\"i\" dstoff=\"0\" cnt=\"1\" depid=\"0\" deps=\"0\"", StringComparison.Ordinal)
            .Replace("type=\"rrs\" srcbuf=\"i\" srcoff=\"0\" dstbuf=\"i\" dstoff=\"0\" cnt=\"1\" depid=\"-1\" deps=\"-1\" hasdep=\"0\"",
                "type=\"rrs\" srcbuf=\"i\" srcoff=\"0\" dstbuf=\"i\" dstoff=\"0\" cnt=\"1\" depid=\"-1\" deps=\"-1\" hasdep=\"1\"", StringComparison.Ordinal);
        Assert.That(Program(late, rank: 1), Does.Contain("recv scratch1[0] from 0").And.Contain("reduce data[0] into scratch1").And.Contain("send scratch1[0] to 2").And.Contain("send data[0] to 0"));
        ScheduleTrial.Check(MscclXml.FromMsccl(late), 17);
    }

    [Test]
    public void An_output_that_is_written_before_its_input_is_given_away_gets_a_place_of_its_own()
    {
        // GPU 0 has the sum in its output before it sends its input.
        var file = new MscclText("allreduce", 2, 1, inPlace: false);
        for (int rank = 0; rank < 2; rank++)
        {
            file.Gpu(rank, 1, 1, 1);
            file.Block(1 - rank, 1 - rank);
            if (rank == 1)
                file.Step("s", "i", 0);
            file.Step("r", "s", 0);
            file.Step("cpy", "i", 0, "o", 0);
            file.Step("re", "s", 0, "o", 0);
            if (rank == 0)
                file.Step("s", "i", 0);
        }

        string xml = file.Close();
        Assert.That(Program(xml, rank: 0), Does.Contain("copy data[0] to scratch2").And.Contain("copy scratch2[0] to data  after"));
        Assert.That(Program(xml, rank: 1), Does.Not.Contain("copy"));
        ScheduleTrial.Check(MscclXml.FromMsccl(xml), 29);
    }

    [Test]
    public void Scratch_that_holds_one_chunk_after_another_is_told_apart()
    {
        // A gather through rank 1, which passes two blocks on through the same place.
        var file = new MscclText("gather", 3, 6, inPlace: false, " root=\"0\"");
        file.Gpu(0, 2, 6, 0);
        file.Block(-1, 1);
        file.Step("r", "o", 2, count: 2);
        file.Step("r", "o", 4);
        file.Step("r", "o", 5);
        file.Block(-1, -1);
        file.Step("cpy", "i", 0, "o", 0, count: 2);
        file.Gpu(1, 2, 0, 1);
        file.Block(0, 2);
        file.Step("s", "i", 0, count: 2);
        file.Step("r", "s", 0);
        file.Step("s", "s", 0);
        file.Step("r", "s", 0);
        file.Step("s", "s", 0);
        file.Gpu(2, 2, 0, 0);
        file.Block(1, -1);
        file.Step("s", "i", 0);
        file.Step("s", "i", 1);
        Schedule schedule = MscclXml.FromMsccl(file.Close());
        Assert.That(schedule.Chunks.Select(chunk => chunk.Owner), Is.EqualTo(new[] { 0, 0, 1, 1, 2, 2 }));
        Assert.That(Program(schedule, 1), Does.Contain("recv scratch1[4] from 2").And.Contain("recv scratch1[5] from 2"));
        ScheduleTrial.Check(schedule, 10);
    }

    [TestCase("broadcast", "s", "r", 0)]
    [TestCase("reduce", "rrc", "s", 0)]
    public void The_root_shows_in_the_steps(string collective, string ofRoot, string ofOther, int root)
    {
        var file = new MscclText(collective, 2, 1, inPlace: true);
        for (int rank = 0; rank < 2; rank++)
        {
            file.Gpu(rank, 1, 0, 0);
            file.Block(1 - rank, 1 - rank);
            file.Step(rank == root ? ofRoot : ofOther, "i", 0);
        }

        Schedule schedule = MscclXml.FromMsccl(file.Close());
        Assert.That(schedule.Root, Is.EqualTo(root));
        ScheduleTrial.Check(schedule, 9);
    }

    [TestCase("reduce_scatter")]
    [TestCase("reducescatter")]
    public void A_reduce_scatter_in_place_ends_in_its_share_of_the_input(string name)
    {
        var file = new MscclText(name, 2, 4, inPlace: true);
        for (int rank = 0; rank < 2; rank++)
        {
            file.Gpu(rank, 4, 2, 0);
            file.Block(1 - rank, -1);
            file.Step("s", "i", 2 * (1 - rank), count: 2);
            file.Block(-1, 1 - rank);
            file.Step("rrc", "o", 0, count: 2);
        }

        Schedule schedule = MscclXml.FromMsccl(file.Close());
        Assert.That(Program(schedule, 1), Does.Contain("recv-reduce data[2..3] from 0"));
        ScheduleTrial.Check(schedule, 7);
    }

    private static string Program(string xml, int rank) => Program(MscclXml.FromMsccl(xml), rank);

    private static string Program(Schedule schedule, int rank)
    {
        ScheduleVerifier.Verify(schedule);
        string text = schedule.ToText(), next = $"rank {rank + 1}\n";
        text = text[text.IndexOf($"rank {rank}\n", StringComparison.Ordinal)..];
        return text.Contains(next, StringComparison.Ordinal) ? text[..text.IndexOf(next, StringComparison.Ordinal)] : text;
    }

    private static IEnumerable<Instruction> Instructions(Schedule schedule) =>
        Enumerable.Range(0, schedule.Ranks).SelectMany(rank => schedule.Program(rank).Lanes).SelectMany(lane => lane.Instructions);
}
