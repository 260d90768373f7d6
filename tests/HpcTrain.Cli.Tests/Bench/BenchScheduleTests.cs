using System.Text.Json;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Cli.Tests.Bench;

/// <summary>`hpctrain bench --schedule`: a schedule of the user's beside the algorithms.</summary>
internal sealed class BenchScheduleTests : BenchTests
{
    private const string Quick = "-n 1 -w 0 -e 4K -f 64 --compare none";

    private string Export(string name, string words)
    {
        string path = Path.Combine(Folder, name);
        ProgramRun run = ProgramRun.Start(["schedules", "export", .. words.Split(' '), "--out", path]);
        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        return path;
    }

    [Test]
    public void A_schedule_is_measured_beside_the_algorithms_and_right(
        [ValueSource(typeof(Launchers), nameof(Launchers.All))] MpiFlavor flavor, [Values("msccl", "json")] string format)
    {
        string file = Export($"mine-{flavor}.{format}", $"--algorithm ring --ranks 3 --format {format}"), json = Path.Combine(Folder, $"{flavor}-{format}-rows");
        RankResult run = Bench(flavor, 3, $"allreduce,broadcast --schedule {file} -a ring,auto {Quick} --json {json}");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());

        JsonElement[] rows = [.. JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("rows").EnumerateArray()];
        JsonElement[] ofFile = [.. rows.Where(row => row.GetProperty("requested_algorithm").GetString() == $"schedule:{Path.GetFileName(file)}")];
        Assert.That(rows.Select(row => row.GetProperty("wrong").GetInt64()), Is.All.Zero);
        Assert.That(ofFile.Select(row => row.GetProperty("algorithm").GetString()), Is.All.EqualTo("ring"));
        Assert.That(ofFile.Select(row => row.GetProperty("collective").GetString()), Is.All.EqualTo("allreduce"));
        Assert.That(ofFile, Has.Length.EqualTo(rows.Count(row => row.GetProperty("requested_algorithm").GetString() == "ring")).And.Not.Empty);
        Assert.That(rows.Any(row => row.GetProperty("requested_algorithm").GetString() == "auto"), Is.True);
        Assert.That(run.Ranks[0].Output, Does.Contain($"schedule:{Path.GetFileName(file)} (ring)"));
    }

    [Test]
    public void A_plan_runs_on_its_topology_and_on_no_other()
    {
        string plan = Path.Combine(Folder, "plan.json"), schedule = Export("no-plan.json", "--algorithm ring --ranks 3");
        ProgramRun planned = ProgramRun.Start(["topo", "plan", "dgx1v", "--allocation", "0,2,3", "--json", plan]);
        Assert.That(planned.ExitCode, Is.Zero, planned.Errors);

        RankResult run = Bench(MpiFlavor.OpenMpi, 3, $"allreduce --schedule {plan} --topology dgx1v --allocation 0,2,3 {Quick}");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Ranks[0].Output, Does.Contain("schedule:plan.json (plan:trees)"));

        RankResult other = Bench(MpiFlavor.OpenMpi, 3, $"allreduce --schedule {plan} --topology dgx1v --allocation 0,1,2 {Quick}");
        Assert.That(other.ExitCode, Is.EqualTo(ExitCodes.BadData), other.ToString());
        Assert.That(other.Ranks[0].Error, Does.Contain("dgx1v[0,2,3]").And.Contain("dgx1v[0,1,2]").And.Contain("fingerprint"));

        RankResult none = Bench(MpiFlavor.OpenMpi, 3, $"allreduce --schedule {schedule} --topology dgx1v --allocation 0,1,2 {Quick}");
        Assert.That(none.ExitCode, Is.EqualTo(ExitCodes.BadData), none.ToString());
        Assert.That(none.Ranks[0].Error, Does.Contain(schedule));
    }

    [Test]
    public void The_longest_message_is_found_for_each_row_and_algorithm()
    {
        string file = Export("segments.json", "--algorithm ring --ranks 3 --format json"), json = Path.Combine(Folder, "segments-rows.json");
        RankResult run = Bench(MpiFlavor.OpenMpi, 3, $"allreduce --schedule {file} -a ring,auto --segment auto -n 1 -w 0 -b 4K -e 256K -f 8 --compare none --in-place 1 --json {json}");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        JsonElement[] rows = [.. JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("rows").EnumerateArray()];
        Assert.That(rows.Select(row => row.GetProperty("wrong").GetInt64()), Is.All.Zero);
        foreach (JsonElement row in rows)
        {
            (long bytes, long segment, string name) = (row.GetProperty("bytes").GetInt64(), row.GetProperty("segment_bytes").GetInt64(), row.GetProperty("requested_algorithm").GetString()!);
            if (row.GetProperty("path").GetString() == "mpi" && bytes > 4096)
            {
                Assert.That(segment, Is.InRange(1, bytes), row.ToString());
                Assert.That(run.Ranks[0].Output, Does.Match($@"{System.Text.RegularExpressions.Regex.Escape(name)}, allreduce of \S+ of f32: fastest by messages of at most \S+, of [1-9]\d* lengths tried"));
            }
        }

        Assert.That(rows.Count(row => row.GetProperty("path").GetString() == "mpi"), Is.GreaterThanOrEqualTo(4));
    }

    [Test]
    public void A_schedule_is_measured_alone()
    {
        string file = Export("alone.json", "--algorithm ring --ranks 2"), json = Path.Combine(Folder, "alone-rows");
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, $"allreduce --schedule {file} -a none --in-flight 2 --segment 512 {Quick} --json {json}");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        JsonElement[] rows = [.. JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("rows").EnumerateArray()];
        Assert.That(rows.Select(row => row.GetProperty("requested_algorithm").GetString()), Is.All.EqualTo("schedule:alone.json").And.Not.Empty);

        RankResult nothing = Bench(MpiFlavor.OpenMpi, 2, $"allreduce -a none {Quick}");
        Assert.That(nothing.ExitCode, Is.EqualTo(ExitCodes.Usage), nothing.ToString());
        Assert.That(nothing.Ranks[0].Error, Does.Contain("--algorithm none leaves nothing to measure"));
    }

    [Test]
    public void A_wrong_result_of_a_schedule_is_counted()
    {
        string file = Export("wrong.xml", "--algorithm ring --ranks 2 --format msccl");
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, $"allreduce --schedule {file} --inject-error {Quick}");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.WrongResult), run.ToString());
    }

    [TestCase("--algorithm ring --ranks 4", "allreduce", ExitCodes.Usage, "is for 4 ranks, but there are 2")]
    [TestCase("--algorithm ring --ranks 2", "allgather,broadcast", ExitCodes.Usage, "is for allreduce")]
    [TestCase("--collective broadcast --algorithm binomial --ranks 2", "broadcast --root 1", ExitCodes.Usage, "has root 0, but --root is 1")]
    [TestCase("--collective broadcast --algorithm binomial --ranks 2", "broadcast --root all", ExitCodes.Usage, "has root 0, but --root is all")]
    public void A_schedule_for_something_else_is_one_sentence(string words, string line, int code, string sentence) =>
        Fails(Export("other.json", words), line, code, sentence);

    [Test]
    public void A_file_that_is_no_schedule_is_one_sentence()
    {
        Fails(Path.Combine(Folder, "missing.xml"), "allreduce", ExitCodes.BadData, "check the path");
        string damaged = Path.Combine(Folder, "damaged.xml");
        File.WriteAllText(damaged, "<algo");
        Fails(damaged, "allreduce", ExitCodes.BadData, damaged);
    }

    private static void Fails(string file, string line, int code, string sentence)
    {
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, $"{line} --schedule {file}");
        Assert.That(run.ExitCode, Is.EqualTo(code), run.ToString());
        Assert.That(run.Ranks[0].Error, Does.StartWith("hpctrain bench: ").And.Contain(sentence).And.Contain(file).And.Not.Contain("\n"));
        Assert.That(run.Ranks[0].Output + run.Ranks[1].Output + run.Ranks[1].Error, Is.Empty);
    }
}
