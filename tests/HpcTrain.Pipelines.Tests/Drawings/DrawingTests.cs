using System.Text.RegularExpressions;
using System.Xml.Linq;
using HpcTrain.Drawing;

namespace HpcTrain.Pipelines.Tests.Drawings;

internal sealed class DrawingTests
{
    [Test]
    public void The_grid_of_1f1b_is_that_of_the_books() => Assert.That(PipelineGenerators.Create("1f1b", new(3, 4)).ToGrid(), Is.EqualTo(
        """
        slot   |  0              5             10             15
        rank 0 | F0 F1 F2  .  .  .  . B0 -- F3 B1 --  . B2 --  . B3 --
        rank 1 |  . F0 F1  .  . B0 -- F2 B1 -- F3 B2 --  . B3 --  .  .
        rank 2 |  .  . F0 B0 -- F1 B1 -- F2 B2 -- F3 B3 --  .  .  .  .

        """));

    [Test]
    public void A_long_grid_is_broken_into_parts_that_fit([Values(40, 80, 120)] int width)
    {
        foreach (PipelineSpec spec in new PipelineSpec[] { new(4, 32), new(2, 16, 2) })
        {
            PipelineSchedule schedule = PipelineGenerators.Create(spec.ChunksPerRank == 1 ? "zero-bubble" : "interleaved", spec);
            string[] lines = schedule.ToGrid(width).Split('\n');
            Assert.That(lines.Select(line => line.Length), Is.All.LessThanOrEqualTo(width));
            Assert.That(lines.Where(line => line.StartsWith("rank", StringComparison.Ordinal)).Sum(line => Regex.Count(line, "[FBIW][0-9]+")),
                Is.EqualTo(schedule.Programs.Sum(program => program.Count(action => action.Kind.IsComputation()))));
        }
    }

    [Test]
    public void A_drawing_has_a_box_for_each_computation_and_no_text_outside()
    {
        foreach (PipelineGenerator generator in PipelineGenerators.All)
        {
            foreach (PipelineSpec spec in new PipelineSpec[] { new(1, 1), new(4, 8), new(8, 32), new(4, 8, 2), new(2, 32, 4) }.Where(spec => generator.Refusal(spec) is null))
            {
                PipelineSchedule schedule = generator.Create(spec);
                XElement svg = XDocument.Parse(schedule.ToSvg()).Root!;
                XElement[] boxes = [.. svg.Descendants().Where(element => element.Name.LocalName == "g" && element.Elements().Any(child => child.Name.LocalName == "title"))];
                Assert.That(boxes, Has.Length.EqualTo(schedule.Programs.Sum(program => program.Count(action => action.Kind.IsComputation()))), $"{schedule}");
                AssertInside(svg);
            }
        }
    }

    [Test]
    public void A_simulated_drawing_shows_reductions_and_the_step()
    {
        PipelineSchedule schedule = PipelineGenerators.Create("breadth-first", new(2, 4, 2));
        PipelineTiming timing = PipelineSimulator.Run(schedule, new() { Chunks = [.. Enumerable.Repeat(new ChunkCost(0.01, 0.01, 0.01) { Reduce = 0.02 }, 4)], StepSeconds = 0.005 });
        string svg = timing.ToSvg();
        Assert.That(svg, Does.Contain("reduction among replicas").And.Contain(">step<").And.Contain("reduce-gradients of chunk 3: "));
        Assert.That(Regex.Count(svg, "reduce-gradients of chunk"), Is.EqualTo(4));
    }

    [Test]
    public void A_narrow_drawing_breaks_its_legend()
    {
        PipelineTiming timing = PipelineSimulator.Run(PipelineGenerators.Create("zero-bubble", new(2, 2)), new()
        {
            Chunks = [.. Enumerable.Repeat(new ChunkCost(0.01, 0.01, 0.01) { Reduce = 0.02 }, 2)],
            StepSeconds = 0.005,
        });
        AssertInside(XDocument.Parse(timing.ToSvg()).Root!);
    }

    private static void AssertInside(XElement svg)
    {
        double width = (double)svg.Attribute("width")!, height = (double)svg.Attribute("height")!;
        foreach (XElement rectangle in svg.Descendants().Where(element => element.Name.LocalName == "rect" && element.Attribute("x") is not null))
        {
            Assert.That((double)rectangle.Attribute("x")! + (double)rectangle.Attribute("width")!, Is.LessThanOrEqualTo(width));
            Assert.That((double)rectangle.Attribute("y")! + (double)rectangle.Attribute("height")!, Is.LessThanOrEqualTo(height));
        }

        foreach (XElement text in svg.Descendants().Where(element => element.Name.LocalName == "text"))
        {
            var style = new TextStyle((double)text.Attribute("font-size")!, Weight: (string?)text.Attribute("font-weight") == "bold" ? TextWeight.Bold : TextWeight.Regular);
            double x = (double)text.Attribute("x")!, wide = TextMeasure.Width(text.Value, style), left = (string?)text.Attribute("text-anchor") == "middle" ? x - (wide / 2) : x;
            Assert.That((left, left + wide), Is.EqualTo((Math.Max(left, 0), Math.Min(left + wide, width))), text.Value);
            Assert.That((double)text.Attribute("y")!, Is.InRange(0, height), text.Value);
        }
    }
}
