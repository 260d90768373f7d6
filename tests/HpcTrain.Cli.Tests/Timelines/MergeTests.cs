using HpcTrain.CommandLine;
using HpcTrain.Timelines;

namespace HpcTrain.Cli.Tests.Timelines;

/// <summary>`hpctrain timeline merge`: what a killed run has left, and what cannot be merged.</summary>
internal sealed class MergeTests
{
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("hpctrain-timeline-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private void WriteRank(int rank)
    {
        using var timeline = RankTimeline.Create(Path.Combine(_folder, "timeline"), rank);
        timeline.Align(new(0, 10 * rank, 1));
        timeline.Span(timeline.Row("steps"), "step 1", "step", 1000, 2000);
    }

    [Test]
    public void Of_a_killed_run_what_is_whole_is_merged()
    {
        WriteRank(0);
        WriteRank(1);
        string cut = Path.Combine(_folder, "timeline", "rank-1.json"), merged = Path.Combine(_folder, "t.json");
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..^2]);
        ProgramRun run = ProgramRun.Start(["timeline", "merge", _folder, "--out", merged]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(run.Errors, Does.Contain($"{cut} has no end").And.Contain("4 events of 2 ranks"));
        Assert.That(File.ReadAllText(merged), Does.EndWith("]}"));
    }

    [Test]
    public void What_is_missing_is_named()
    {
        ProgramRun run = ProgramRun.Start(["timeline", "merge", _folder, "--out", Path.Combine(_folder, "t.json")]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.InputOutput), run.Errors);
        Assert.That(run.Errors, Does.Contain($"there is no timeline in {_folder}"));
    }
}
