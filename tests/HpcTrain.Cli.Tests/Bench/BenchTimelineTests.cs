using System.Text.Json;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Cli.Tests.Bench;

/// <summary>`hpctrain bench --timeline`: the calls of all ranks in one file.</summary>
internal sealed class BenchTimelineTests
{
    private const string Quick = "-n 2 -w 0 -b 4 -e 64K -f 16384";
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(180);
    private string _folder = "";

    [OneTimeSetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("hpctrain-bench-").FullName;

    [OneTimeTearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private static RankResult Bench(MpiFlavor flavor, string line)
    {
        if (!Launchers.Has(flavor))
            Assert.Ignore($"no mpirun of {flavor.DisplayName()} on this machine");
        return RankRun.Start(flavor, 2, ProgramRun.Hpctrain, line.Split(' ').Prepend("bench"), s_bound);
    }

    [Test]
    public void Each_rank_is_a_process_and_each_call_says_why([ValueSource(typeof(Launchers), nameof(Launchers.All))] MpiFlavor flavor)
    {
        string path = Path.Combine(_folder, $"{flavor}.json");
        RankResult run = Bench(flavor, $"allreduce -a ring,auto {Quick} --timeline {path}");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());

        JsonElement[] events = [.. JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("traceEvents").EnumerateArray()];
        Assert.That(events, Has.All.Matches<JsonElement>(one => one.TryGetProperty("pid", out _) && one.TryGetProperty("tid", out _)
            && (one.GetProperty("ph").GetString() == "M" || one.GetProperty("ts").GetDouble() >= -1e6)));
        JsonElement[] spans = [.. events.Where(one => one.GetProperty("ph").GetString() == "X")];
        var ranks = spans.GroupBy(one => one.GetProperty("pid").GetInt32()).ToDictionary(rank => rank.Key, rank => rank.ToArray());
        Assert.That(ranks.Keys, Is.EquivalentTo(new[] { 0, 1 }));

        // The same calls on both ranks, and each begins on one before it ends on the other: no rank can leave an allreduce before the other has come.
        var calls = ranks.ToDictionary(rank => rank.Key, rank => rank.Value.ToDictionary(one => one.GetProperty("args").GetProperty("sequence").GetInt64()));
        Assert.That(calls[0].Keys, Is.EquivalentTo(calls[1].Keys).And.Not.Empty);
        const double MostOffMicroseconds = 500;
        foreach ((long sequence, JsonElement mine) in calls[0])
        {
            JsonElement other = calls[1][sequence];
            Assert.That(Detail(mine, "algorithm"), Is.EqualTo(Detail(other, "algorithm")));
            Assert.That(Start(mine), Is.LessThan(End(other) + MostOffMicroseconds));
            Assert.That(Start(other), Is.LessThan(End(mine) + MostOffMicroseconds));
        }

        Assert.That(spans.Select(one => Detail(one, "bytes")).Distinct(), Is.EquivalentTo(new[] { "4", "65536" }));
        Assert.That(spans.Where(one => Detail(one, "algorithm") == "ring").Select(one => Detail(one, "why")), Is.All.EqualTo("asked for").And.Not.Empty);
        Assert.That(spans.Where(one => Detail(one, "algorithm") != "ring").Select(one => Detail(one, "why")), Is.All.Not.EqualTo("asked for").And.All.Not.Empty);
        Assert.That(spans.Select(one => Detail(one, "path")), Is.All.Not.Empty);
        foreach (JsonElement[] rank in ranks.Values)
        {
            JsonElement[] inTime = [.. rank.OrderBy(Start)];
            Assert.That(inTime.Zip(inTime.Skip(1)).All(pair => End(pair.First) <= Start(pair.Second) + 1e-3), Is.True, "blocking calls follow each other");
        }
    }

    [Test]
    public void A_file_that_cannot_be_written_is_said_before_anything_is_measured()
    {
        RankResult run = Bench(MpiFlavor.OpenMpi, $"allreduce {Quick} --timeline {_folder}/none/t.json");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.InputOutput), run.ToString());
        Assert.That(run.ToString(), Does.Contain($"{_folder}/none/t.json: its folder does not exist").And.Not.Contain("algbw"));
    }

    private static string Detail(JsonElement span, string name) => span.GetProperty("args").GetProperty(name).ToString();

    private static double Start(JsonElement span) => span.GetProperty("ts").GetDouble();

    private static double End(JsonElement span) => Start(span) + span.GetProperty("dur").GetDouble();
}
