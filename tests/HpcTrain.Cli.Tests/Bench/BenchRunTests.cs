using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using HpcTrain.Benchmarking;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Cli.Tests.Bench;

/// <summary>`hpctrain bench` on real ranks, tiny sizes: what it measures, writes and ends with.</summary>
internal sealed class BenchRunTests : BenchTests
{
    private const string Quick = "-n 1 -w 0 -e 4K -f 64";

    private static JsonElement[] Rows(JsonElement json) => [.. json.GetProperty("rows").EnumerateArray()];

    private static string Text(JsonElement row, string key) => row.GetProperty(key).GetString()!;

    private JsonElement Json(string name) => JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, name))).RootElement;

    [Test]
    public void Every_collective_is_measured_and_right([ValueSource(typeof(Launchers), nameof(Launchers.All))] MpiFlavor flavor, [Values(2, 3)] int ranks)
    {
        string name = $"all-{flavor}-{ranks}";
        RankResult run = Bench(flavor, ranks, $"all {Quick} --json {Folder}/{name}.json --csv {Folder}/{name}.csv --chart {Folder}/{name}.svg");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Ranks.Skip(1).Select(rank => rank.Output + rank.Error), Is.All.Empty, "only rank 0 speaks");
        Assert.That(run.Ranks[0].Output, Does.Contain("wrong elements         : 0 OK").And.Not.Contain("\e"));

        JsonElement json = Json($"{name}.json");
        JsonElement[] rows = Rows(json);
        Assert.That(json.GetProperty("complete").GetBoolean(), Is.True);
        Assert.That(json.GetProperty("environment").GetProperty("ranks").GetInt32(), Is.EqualTo(ranks));
        Assert.That(json.GetProperty("environment").GetProperty("mpi").GetString(), Does.StartWith(flavor.DisplayName()));
        Assert.That(rows.Select(row => Text(row, "collective")).Distinct(), Is.EqualTo(CollectiveKinds.Names));
        foreach (JsonElement row in rows)
        {
            Assert.That(row.EnumerateObject().Select(property => property.Name), Is.EqualTo(BenchmarkColumns.All.Select(column => column.Name)));
            Assert.That(row.GetProperty("wrong").GetInt64(), Is.Zero, row.ToString());
            Assert.That(row.GetProperty("peer_wrong").GetInt64(), Is.Zero, row.ToString());
            double time = row.GetProperty("time_us").GetDouble(), peer = row.GetProperty("peer_time_us").GetDouble();
            Assert.That(time, Is.Positive);
            Assert.That(row.GetProperty("ratio").GetDouble(), Is.EqualTo(peer / time).Within(1e-9 * peer / time));
            Assert.That(row.GetProperty("algbw_gbs").GetDouble(), Is.EqualTo(row.GetProperty("bytes").GetInt64() / time / 1e3).Within(1e-9));
            Assert.That(Text(row, "algorithm"), Is.Not.Empty.And.Not.EqualTo("auto"));
            Assert.That(Text(row, "path"), Is.Not.Empty);
        }

        // Out of place and in place, but for a broadcast and a barrier.
        Assert.That(rows.Where(row => Text(row, "collective") == "allreduce").Select(row => row.GetProperty("in_place").GetBoolean()).Distinct().Count(), Is.EqualTo(2));
        Assert.That(File.ReadAllLines(Path.Combine(Folder, $"{name}.csv")).Count(line => line[0] != '#'), Is.EqualTo(rows.Length + 1));
        Assert.That(XDocument.Load(Path.Combine(Folder, $"{name}.svg")).Root!.Name.LocalName, Is.EqualTo("svg"));
    }

    [Test]
    public void Every_algorithm_of_every_collective_is_right([ValueSource(typeof(Launchers), nameof(Launchers.All))] MpiFlavor flavor)
    {
        RankResult run = Bench(flavor, 3, $"all -a all -n 1 -w 0 -b 64 -e 4K -f 64 --compare none --json {Folder}/algorithms-{flavor}.json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());

        JsonElement json = Json($"algorithms-{flavor}.json");
        Assert.That(Rows(json).Select(row => row.GetProperty("wrong").GetInt64()), Is.All.Zero);
        foreach (CollectiveKind collective in Enum.GetValues<CollectiveKind>())
        {
            string[] measured = [.. Rows(json).Where(row => Text(row, "collective") == collective.Name()).Select(row => Text(row, "requested_algorithm")).Distinct()];
            string notes = json.GetProperty("notes").ToString();
            foreach (string algorithm in AlgorithmCatalog.Names(collective))
                Assert.That(measured.Contains(algorithm) || notes.Contains($"'{algorithm}'", StringComparison.Ordinal), Is.True, $"{collective.Name()} {algorithm}");
        }
    }

    [Test]
    public void Every_type_and_operation_is_right([ValueSource(typeof(Launchers), nameof(Launchers.All))] MpiFlavor flavor)
    {
        RankResult run = Bench(flavor, 2, $"allreduce,reduce-scatter,allgather --type all --op all -n 1 -w 0 -b 64 -e 64 --json {Folder}/types-{flavor}.json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());

        JsonElement[] rows = Rows(Json($"types-{flavor}.json"));
        Assert.That(rows.Select(row => row.GetProperty("wrong").GetInt64()), Is.All.Zero);
        Assert.That(rows.Select(row => Text(row, "type")).Distinct().Count(), Is.EqualTo(12));
        Assert.That(rows.Where(row => Text(row, "type") == "bf16" && Text(row, "collective") == "allreduce").Select(row => row.GetProperty("peer").ValueKind), Is.All.EqualTo(JsonValueKind.Null));
        Assert.That(rows.Any(row => Text(row, "op") == "bxor" && Text(row, "type") == "u8"), Is.True);
        Assert.That(rows.Any(row => Text(row, "op") == "bxor" && Text(row, "type") == "f32"), Is.False);

        // MPICH 4.0 takes unsigned integers for signed ones in minima and maxima: nobody is compared with that.
        JsonElement[] compared = [.. rows.Where(row => row.GetProperty("peer").ValueKind != JsonValueKind.Null)];
        Assert.That(compared, Has.All.Matches<JsonElement>(row => (row.GetProperty("peer_wrong").GetInt64() > 0) == (row.GetProperty("ratio").ValueKind == JsonValueKind.Null)));
        Assert.That(compared.Where(row => Text(row, "op") is not ("min" or "max")).Select(row => row.GetProperty("peer_wrong").GetInt64()), Is.All.Zero);
    }

    [Test]
    public void Both_kinds_of_memory_and_every_root_are_right([Values("communicator", "ordinary")] string buffers)
    {
        RankResult run = Bench(MpiFlavor.OpenMpi, 3, $"broadcast,gather --root all {Quick} --buffers {buffers} --segment 512 --json {Folder}/{buffers}.json");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());

        JsonElement[] rows = Rows(Json($"{buffers}.json"));
        Assert.That(rows.Select(row => row.GetProperty("root").GetInt32()).Distinct(), Is.EqualTo(new[] { 0, 1, 2 }));
        Assert.That(rows.Select(row => Text(row, "buffers")), Is.All.EqualTo(buffers));
    }

    [Test]
    public void A_wrong_result_is_counted_and_is_the_exit_code_of_all_ranks([ValueSource(typeof(Launchers), nameof(Launchers.All))] MpiFlavor flavor)
    {
        RankResult run = Bench(flavor, 2, $"allreduce {Quick} --inject-error --compare none --json {Folder}/wrong-{flavor}.json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.WrongResult), run.ToString());
        Assert.That(run.Ranks[0].Output, Does.Contain("FAILED"));
        Assert.That(Rows(Json($"wrong-{flavor}.json")).Select(row => row.GetProperty("wrong").GetInt64()), Is.All.EqualTo(4), "one on each rank, before and after");
    }

    [Test]
    public void A_barrier_that_holds_nobody_is_wrong([ValueSource(typeof(Launchers), nameof(Launchers.All))] MpiFlavor flavor)
    {
        RankResult run = Bench(flavor, 2, $"barrier {Quick} --inject-error --json {Folder}/barrier-{flavor}.json");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.WrongResult), run.ToString());
        JsonElement row = Rows(Json($"barrier-{flavor}.json")).Single();
        Assert.That(row.GetProperty("wrong").GetInt64(), Is.Positive);
        Assert.That(row.GetProperty("peer_wrong").GetInt64(), Is.Zero);
    }

    [Test]
    public void Without_a_check_nothing_is_called_right()
    {
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, $"allreduce {Quick} -c 0 --json {Folder}/unchecked.json");

        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Ranks[0].Output, Does.Contain("not checked"));
        Assert.That(Rows(Json("unchecked.json")).Select(row => row.GetProperty("wrong").ValueKind), Is.All.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void Overlap_is_measured_for_ours_and_the_peer()
    {
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, $"allreduce,broadcast --overlap -n 3 -b 4K -e 64K -f 16 --json {Folder}/overlap.json");

        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        foreach (JsonElement row in Rows(Json("overlap.json")))
        {
            Assert.That(row.GetProperty("overall_us").GetDouble(), Is.Positive);
            Assert.That(row.GetProperty("compute_us").GetDouble(), Is.Positive);
            Assert.That(row.GetProperty("overlap_percent").GetDouble(), Is.InRange(0, 100));
            Assert.That(row.GetProperty("peer_overlap_percent").GetDouble(), Is.InRange(0, 100));
            Assert.That(row.GetProperty("wrong").GetInt64(), Is.Zero);
        }
    }

    [Test]
    public void A_forced_algorithm_of_the_peer_is_named()
    {
        var environment = new Dictionary<string, string> { ["OMPI_MCA_coll_tuned_use_dynamic_rules"] = "1", ["OMPI_MCA_coll_tuned_allreduce_algorithm"] = "ring" };
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, $"allreduce {Quick} --json {Folder}/forced.json", environment);

        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(Rows(Json("forced.json")).Select(row => Text(row, "peer_algorithm")).Distinct(), Is.EqualTo(new[] { "ring" }));
        Assert.That(Json("forced.json").GetProperty("environment").GetProperty("mpi_settings").EnumerateObject().Count(), Is.EqualTo(2));
    }

    [Test]
    public void Auto_says_why_when_asked()
    {
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, $"allreduce {Quick} --explain --compare none");
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Ranks[0].Output, Does.Contain("# auto, allreduce of 8 of f32: "));
    }

    [Test]
    public void Checked_mode_and_the_stall_time_out_are_recorded()
    {
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, $"allreduce {Quick} --compare none --stall-timeout 7 -J {Folder}/checked.json", new() { ["HPCTRAIN_CHECKED"] = "1" });
        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Ranks[0].Output, Does.Contain("# checked mode (HPCTRAIN_CHECKED)").And.Contain("stall time-out 7 s"));
        Assert.That(Json("checked.json").GetProperty("environment").GetProperty("checked").GetBoolean(), Is.True);
    }

    [Test]
    public void The_error_for_an_unknown_option_lists_those_of_the_help()
    {
        ProgramRun run = ProgramRun.Start(["bench", "--injekt-error"]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Usage));
        Assert.That(run.Errors, Does.Contain("--schedule").And.Not.Contain("--inject-error"));
    }

    [Test]
    public void Time_that_runs_out_is_said_and_recorded()
    {
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, $"allreduce -e 4K -w 0 -n 1 --max-time 1e-6 --json {Folder}/short.json");

        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(run.Ranks[0].Output, Does.Contain("--max-time"));
        Assert.That(Json("short.json").GetProperty("complete").GetBoolean(), Is.False);
    }

    [Test]
    public void A_rank_that_stops_in_ours_is_named()
    {
        RankResult run = Bench(MpiFlavor.OpenMpi, 3, "allreduce -b 8 -e 8 -n 1000000 --compare none --stall-timeout 2", whileRunning: job =>
        {
            Assert.That(job.WaitUntil(() => job.OutputOf(0).Output.Contains("#wrong", StringComparison.Ordinal) && job.ProcessId(1) != null, Bound), Is.True);
            Thread.Sleep(TimeSpan.FromSeconds(1));
            ProgramRun.Start("/bin/kill", ["-STOP", job.ProcessId(1)!.Value.ToString(CultureInfo.InvariantCulture)]);
        });

        Assert.That(run.TimedOut, Is.False, run.ToString());
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Stalled), run.ToString());
        Assert.That(string.Join('\n', run.Ranks.Select(rank => rank.Error)), Does.Contain("a collective stalled: allreduce").And.Contain("The cause: rank 1"), run.ToString());
    }

    [Test]
    public void A_rank_that_stops_in_the_peers_ends_the_run_with_a_sentence()
    {
        string file = Path.Combine(Folder, "stopped.json");
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, $"allreduce -b 8 -e 8 -n 100000 --stall-timeout 2 --json {file}", whileRunning: job =>
        {
            Assert.That(job.WaitUntil(() => job.OutputOf(0).Output.Contains("#wrong", StringComparison.Ordinal) && job.ProcessId(1) != null, Bound), Is.True);
            ProgramRun.Start("/bin/kill", ["-STOP", job.ProcessId(1)!.Value.ToString(CultureInfo.InvariantCulture)]);
        });

        Assert.That(run.TimedOut, Is.False, run.ToString());
        // Where it stops is chance: in a call of the peer's, of ours, or between them.
        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.Environment).Or.EqualTo(ExitCodes.Stalled), run.ToString());
        Assert.That(run.Ranks[0].Error, Does.Contain("rank 0 on ").And.Contain("waited for ").Or.Contain("The cause: rank 1"), run.ToString());
        Assert.That(File.Exists(file), Is.False, "there was no row");
    }

    [TestCase("allreduce --algorithm rong", ExitCodes.Usage, "'rong'", "recursive-doubling")]
    [TestCase("allreduce --algorithm rinng", ExitCodes.Usage, "'rinng'", "did you mean ring?")]
    [TestCase("allreduce --segment 6", ExitCodes.Usage, "--segment 6 is no multiple of the 4 bytes of f32", "take 4 or 8")]
    [TestCase("allreduce -b 10", ExitCodes.Usage, "--min-bytes 10", "8 or 12")]
    [TestCase("broadcast --root 2", ExitCodes.Usage, "--root is 2", "0 to 1")]
    [TestCase("allreduce -b 4T -e 4T", ExitCodes.Usage, "available", "--max-bytes")]
    [TestCase("allreduce --ranks 3", ExitCodes.Usage, "--ranks is 3", "started 2")]
    [TestCase("alreduce", ExitCodes.Usage, "'alreduce'", "did you mean allreduce?")]
    [TestCase("allreduce --json /nowhere/out.json", ExitCodes.InputOutput, "/nowhere/out.json", "does not exist")]
    public void Misuse_is_one_sentence_of_rank_0_and_one_exit_code(string line, int code, string what, string remedy)
    {
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, line);

        Assert.That(run.ExitCode, Is.EqualTo(code), run.ToString());
        Assert.That(run.Ranks[0].Error.Split('\n'), Has.Length.EqualTo(1), run.ToString());
        Assert.That(run.Ranks[0].Error, Does.StartWith("hpctrain").And.Contain(what).And.Contain(remedy));
        Assert.That(run.Ranks[0].Output, Is.Empty, "nothing was measured");
        Assert.That(run.Ranks[1].Output + run.Ranks[1].Error, Is.Empty);
    }

    [Test]
    public void Started_by_hand_it_starts_its_ranks()
    {
        ProgramRun run = ProgramRun.Start(["bench", "allreduce", "--ranks", "2", "-e", "8", "-n", "1", "-w", "0", "--json", $"{Folder}/by-hand.json"]);

        Assert.That(run.ExitCode, Is.Zero, run.Errors);
        Assert.That(Rows(Json("by-hand.json")).Select(row => row.GetProperty("ranks").GetInt32()), Is.All.EqualTo(2));
        ProgramRun wrong = ProgramRun.Start(["bench", "allreduce", "--ranks", "2", "-e", "8", "-n", "1", "-w", "0", "--inject-error"]);
        Assert.That(wrong.ExitCode, Is.EqualTo(ExitCodes.WrongResult), wrong.Errors);
    }

    [Test]
    public void A_full_device_stays_what_it_is_and_the_table_is_not_lost()
    {
        // Through a link: a mistake here replaces the link, not the device.
        string link = Path.Combine(Folder, "full.json");
        File.CreateSymbolicLink(link, "/dev/full");
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, $"allreduce {Quick} --compare none --json {link} --csv {Folder}/beside.csv");

        Assert.That(run.ExitCode, Is.EqualTo(ExitCodes.InputOutput), run.ToString());
        Assert.That(run.Ranks[0].Error, Is.EqualTo(
            $"hpctrain bench: cannot write the results at {link}: no space is left on its file system; free some space or choose a folder elsewhere."));
        Assert.That(run.Ranks[1].Error, Is.Empty);
        Assert.That(run.Ranks[0].Output, Does.Contain("wrong elements         : 0 OK"));
        Assert.That(File.ReadAllText(Path.Combine(Folder, "beside.csv")), Does.Contain("allreduce,2,"));
        Assert.That(new FileInfo(link).LinkTarget, Is.EqualTo("/dev/full"));
        Assert.That(ProgramRun.Start("/usr/bin/stat", ["-c", "%F", "/dev/full"]).Output, Is.EqualTo("character special file\n"));
    }

    [Test]
    public void A_pipe_gets_the_results_once()
    {
        string pipe = Path.Combine(Folder, "pipe.json");
        Assert.That(ProgramRun.Start("/usr/bin/mkfifo", [pipe]).ExitCode, Is.Zero);
        Task<string> reader = Task.Run(() => File.ReadAllText(pipe));
        RankResult run = Bench(MpiFlavor.OpenMpi, 2, $"allreduce {Quick} --compare none --json {pipe}");

        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        Assert.That(reader.Wait(Bound), Is.True, "the reader has seen the end of the pipe");
        Assert.That(JsonDocument.Parse(reader.Result).RootElement.GetProperty("complete").GetBoolean(), Is.True);
    }

    [TestCase("--help")]
    [TestCase("allreduce", "--ranks", "2", "--help")]
    public void The_help_has_every_key_of_a_row_and_examples(params string[] words)
    {
        ProgramRun run = ProgramRun.Start(["bench", .. words]);

        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.Contain("Usage: hpctrain bench [COLLECTIVE] [options]").And.Contain("Examples:").And.Contain("  6  wrong results").And.Not.Contain("inject"));
        foreach ((string key, _) in BenchmarkColumns.All)
            Assert.That(run.Output, Does.Contain($"\n  {key} "));
    }
}
