using System.Globalization;
using System.Xml.Linq;
using HpcTrain.Collectives.Tests.Schedules;

namespace HpcTrain.Collectives.Tests.Drawings;

/// <summary>Drawings of schedules: every message is there, at its place, and nothing lies on anything else.</summary>
[TestFixture]
public sealed class ScheduleDrawingTests
{
    /// <summary>Set to 1, it makes the test write the drawing of the README anew, to look at and commit.</summary>
    private const string WriteVariable = "HPCTRAIN_WRITE_SAMPLES";

    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [TestCaseSource(typeof(TestAlgorithms), nameof(TestAlgorithms.WithData))]
    public void Every_message_is_an_arrow_to_a_chip_and_no_chip_lies_on_another(Algorithm algorithm)
    {
        foreach (int ranks in new[] { 1, 2, 3, 4, 6, 8, 11, 16 })
        {
            var spec = new ScheduleSpec(algorithm.Collective, ranks) { Nodes = ranks % 4 == 0 ? NodeMap.Blocks(ranks, 4) : null };
            if (algorithm.Unusable(spec) != null)
                continue;
            Schedule schedule = algorithm.Create(spec);
            XElement drawing = Draw(schedule);
            if (IsSummary(drawing))
                continue;
            TimedTransfer[] transfers = [.. ScheduleTimeline.Of(schedule).Transfers];
            Assert.That(Sentences(drawing, "sends").Order(), Is.EqualTo(transfers.SelectMany(transfer => Enumerable.Repeat(Beginning(schedule, transfer), 2)).Order()),
                $"{schedule}: an arrow and a chip for each message");
            CheckApart(drawing, $"{schedule}");
        }
    }

    [Test]
    public void Crowded_steps_have_two_lines_of_chips([Values(6, 8, 16)] int ranks)
    {
        Schedule schedule = MscclXml.FromMsccl(MscclFixtures.AllPairs(ranks));
        XElement drawing = XElement.Parse(schedule.ToSvg(ScheduleView.Steps));
        Assert.That(IsSummary(Draw(schedule)), Is.EqualTo(ranks > 9), "more than eight arrivals in a step are drawn for those who ask");
        Assert.That(Boxes(drawing).Count(), Is.EqualTo(2 * ranks * (ranks - 1)), "shares that are reduced from scratch, and results");
        Assert.That(Boxes(drawing).Select(box => box.Y).Distinct().Count(), Is.EqualTo(4));
        CheckApart(drawing, $"all pairs of {ranks}");
    }

    [Test]
    public void A_ring_reads_row_by_row()
    {
        XElement drawing = Draw(TestAlgorithms.Create("ring", 3));
        Assert.That(Chips(drawing), Is.EqualTo(new[] { "+2 +0 +1", "+1 +2 +0", "0 1 2", "2 0 1" }));
        string[] texts = [.. drawing.Elements(s_svg + "text").Select(text => text.Value)];
        Assert.That(texts, Is.SupersetOf(new[] { "ring: allreduce on 3 ranks, 3 chunks", "rank 0", "rank 2", "step 1", "step 4", "starts with", "ends with", "0\u20132" }));
        Assert.That(texts, Has.Some.Contain("4 steps; the busiest rank sends 1.333 and reduces 0.667 of the buffer"));
    }

    [Test]
    public void What_is_received_and_reduced_in_one_step_is_one_chip_however_it_is_programmed()
    {
        // Recursive doubling receives into scratch and reduces from there.
        XElement doubling = Draw(TestAlgorithms.Create("recursive-doubling", 4));
        Assert.That(Chips(doubling), Is.EqualTo(new[] { "+0 +0 +0 +0", "+0 +0 +0 +0" }));
        Assert.That(doubling.ToString(), Does.Not.Contain("scratch"));

        // Here the reduction comes a step later than the chunk.
        RankProgram Program(int rank)
        {
            var program = new ProgramBuilder();
            LaneBuilder outgoing = program.Lane(), incoming = program.Lane();
            InstructionId sent = rank == 0 ? default : outgoing.Send(0, BufferId.Data, 0);
            if (rank == 0)
            {
                incoming.Recv(1, BufferId.Scratch(1), 0);
                InstructionId second = incoming.Recv(2, BufferId.Scratch(2), 0);
                incoming.Reduce(BufferId.Scratch(2), BufferId.Data, 0, second);
                incoming.Reduce(BufferId.Scratch(1), BufferId.Data, 0);
            }

            return program.Build();
        }

        XElement late = Draw(new(CollectiveKind.Reduce, "late", 3, Schedule.EqualChunks(1), Program, root: 0));
        Assert.That(Chips(late), Is.EqualTo(new[] { "0", "+0 +0" }));
        Assert.That(late.ToString(), Does.Contain("received into scratch").And.Contain("without an arrow: reduced inside the rank"));
    }

    [Test]
    public void Nodes_stand_above_their_ranks()
    {
        string svg = TestAlgorithms.Create("ring", 6).ToSvg(nodes: NodeMap.Parse("/0,0,1,1,1,0", 6));
        XElement drawing = XElement.Parse(svg);
        Assert.That(drawing.Elements(s_svg + "text").Select(text => text.Value).Where(text => text.StartsWith("node", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "node 0", "node 0", "node 1" }), "a node whose ranks lie apart has two lines");
    }

    [Test]
    public void Both_modes_and_a_description_are_there()
    {
        string svg = TestAlgorithms.Create("ring", 2).ToSvg();
        Assert.That(svg, Does.Contain("prefers-color-scheme: dark").And.Contain("<title>ring: allreduce on 2 ranks, 2 chunks</title>").And.Contain("<desc>Ranks are columns"));
        Assert.That(TestAlgorithms.Create("ring", 2).ToSvg(), Is.EqualTo(svg), "the same schedule gives the same text");
    }

    [Test]
    public void Many_ranks_are_summed_up()
    {
        XElement drawing = Draw(TestAlgorithms.Create("halving-doubling", 32));
        Assert.That(IsSummary(drawing));

        // Each rank sends to 5 others; its row of the matrix has a rectangle for each, and one where equal ones lie side by side.
        Assert.That(Sentences(drawing, "rank 0 sends"), Is.EquivalentTo(new[]
        {
            "rank 0 sends 1 of the buffer to rank 1", "rank 0 sends 0.5 of the buffer to rank 2", "rank 0 sends 0.25 of the buffer to rank 4",
            "rank 0 sends 0.125 of the buffer to rank 8", "rank 0 sends 0.0625 of the buffer to rank 16",
        }));
        Assert.That(Sentences(drawing, "step 1:"), Is.EqualTo(new[] { "step 1: 16 reduced, 0 copied" }));
        Assert.That(Sentences(drawing, "step 10:"), Is.EqualTo(new[] { "step 10: 0 reduced, 16 copied" }));
        Assert.That(IsSummary(XElement.Parse(TestAlgorithms.Create("ring", 4).ToSvg(ScheduleView.Summary))));
        Assert.That(IsSummary(Draw(TestAlgorithms.Create("ring", 1))), Is.False);
        Assert.That(XElement.Parse(TestAlgorithms.Create("ring", 1).ToSvg(ScheduleView.Summary)).Value, Does.Contain("nothing is sent"));
    }

    [Test]
    public void What_is_too_large_is_refused_with_what_to_do()
    {
        Assert.That(IsSummary(Draw(TestAlgorithms.Create("recursive-doubling", ScheduleDrawing.MostRanks))));
        Assert.That(() => TestAlgorithms.Create("recursive-doubling", ScheduleDrawing.MostRanks + 1).ToSvg(), Throws.TypeOf<ScheduleException>()
            .With.Message.EqualTo("A drawing has room for 256 ranks, not for 257; draw the algorithm for fewer, which shows the same pattern."));
        Assert.That(() => TestAlgorithms.Create("ring", 17).ToSvg(ScheduleView.Steps), Throws.TypeOf<ScheduleException>()
            .With.Message.EqualTo("Every message can be drawn for up to 16 ranks, not for 17; draw the summary, or the algorithm for fewer ranks."));
        Assert.That(() => new Schedule(CollectiveKind.AllReduce, "nothing", 2, Schedule.EqualChunks(1), _ => RankProgram.Empty).ToSvg(),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("lacking the contribution"));
    }

    [Test]
    public void The_README_shows_what_the_code_draws()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "HpcTrain.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("no HpcTrain.sln above the tests");
        string path = Path.Combine(folder.FullName, "src/HpcTrain.Collectives/ring-4.svg"), drawn = TestAlgorithms.Create("ring", 4).ToSvg();
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
            File.WriteAllText(path, drawn);
        Assert.That(File.ReadAllText(path), Is.EqualTo(drawn), $"{path} is not what the code draws now. Run this test with {WriteVariable}=1, look at it, commit it.");
    }

    private static XElement Draw(Schedule schedule) => XElement.Parse(schedule.ToSvg());

    private static bool IsSummary(XElement drawing) => drawing.Value.Contains("Who sends to whom", StringComparison.Ordinal);

    private static IEnumerable<string> Sentences(XElement drawing, string part) => drawing.Descendants(s_svg + "title").Skip(1)
        .Select(title => title.Value.Split(", which")[0]).Where(sentence => sentence.Contains(part, StringComparison.Ordinal));

    private static string Beginning(Schedule schedule, TimedTransfer transfer)
    {
        Chunk chunk = schedule.Chunks[transfer.Chunks.First];
        string name = schedule.Collective == CollectiveKind.AllToAll && transfer.Chunks.Count == 1 && schedule.Chunks.Length == schedule.Ranks * schedule.Ranks
            ? $"{chunk.Owner}\u203a{chunk.Target}"
            : transfer.Chunks.Count == 1 ? $"{transfer.Chunks.First}" : $"{transfer.Chunks.First}\u2013{transfer.Chunks.End - 1}";
        return $"step {transfer.Step}: rank {transfer.From} sends chunk {name} to rank {transfer.To}";
    }

    /// <summary>The chips of each row, from left to right.</summary>
    private static IEnumerable<string> Chips(XElement drawing) => Boxes(drawing)
        .GroupBy(box => Math.Floor(box.Row)).OrderBy(row => row.Key).Select(row => string.Join(' ', row.OrderBy(box => box.X).Select(box => box.Text)));

    private static IEnumerable<(double X, double Y, double Width, double Height, string Text, double Row)> Boxes(XElement drawing) =>
        from chip in drawing.Elements(s_svg + "g")
        let box = chip.Element(s_svg + "rect")
        where box != null && chip.Element(s_svg + "title") != null
        let y = Number(box, "y")
        select (Number(box, "x"), y, Number(box, "width"), Number(box, "height"), chip.Element(s_svg + "text")!.Value, y);

    private static void CheckApart(XElement drawing, string what)
    {
        (double Left, double Right) page = (0, Number(drawing, "width"));
        var boxes = Boxes(drawing).ToList();
        for (int a = 0; a < boxes.Count; a++)
        {
            Assert.That(boxes[a].X, Is.GreaterThan(page.Left), what);
            Assert.That(boxes[a].X + boxes[a].Width, Is.LessThan(page.Right), what);
            Assert.That(HpcTrain.Drawing.TextMeasure.Width(boxes[a].Text, new(11, Weight: HpcTrain.Drawing.TextWeight.Bold)), Is.LessThan(boxes[a].Width), what);
            for (int b = 0; b < a; b++)
            {
                bool overlap = Math.Abs(boxes[a].X - boxes[b].X) < boxes[a].Width && Math.Abs(boxes[a].Y - boxes[b].Y) < boxes[a].Height;
                Assert.That(overlap, Is.False, $"{what}: chips {boxes[a]} and {boxes[b]}");
            }
        }
    }

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
