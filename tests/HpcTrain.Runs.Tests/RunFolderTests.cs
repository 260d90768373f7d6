using System.Text.Json;

namespace HpcTrain.Runs.Tests;

public sealed class RunFolderTests
{
    private string _root = "";

    [SetUp]
    public void MakeRoot() => _root = Directory.CreateTempSubdirectory("hpctrain-runs-").FullName;

    [TearDown]
    public void RemoveRoot() => Directory.Delete(_root, recursive: true);

    [Test]
    public void Create_gives_each_run_a_folder_of_its_own()
    {
        var paths = Enumerable.Range(0, 20).Select(_ => RunFolder.Create(_root, "job").Path).ToHashSet();

        Assert.That(paths, Has.Count.EqualTo(20));
        Assert.That(paths, Has.All.Matches<string>(p => Path.GetFileName(p).StartsWith("job-", StringComparison.Ordinal)));
        Assert.That(paths, Has.All.Matches<string>(p => Directory.Exists(Path.Combine(p, "checkpoints")) && Directory.Exists(Path.Combine(p, "logs"))));
    }

    [Test]
    public void CreateAt_refuses_a_folder_that_holds_something_and_leaves_it_alone()
    {
        var path = Path.Combine(_root, "taken");
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "note"), "mine");

        Assert.That(() => RunFolder.CreateAt(path), Throws.TypeOf<RunException>().With.Message.Contains(path).And.Message.Contains("--resume"));
        Assert.That(Directory.EnumerateFileSystemEntries(path).Count(), Is.EqualTo(1));
    }

    [Test]
    public void CreateAt_says_when_a_file_is_in_the_way()
    {
        var file = Path.Combine(_root, "file");
        File.WriteAllText(file, "");

        Assert.That(() => RunFolder.CreateAt(Path.Combine(file, "run")), Throws.TypeOf<RunException>().With.Message.Contains(file));
    }

    [Test]
    public void Open_refuses_what_is_not_a_run()
    {
        Assert.That(() => RunFolder.Open(Path.Combine(_root, "none")), Throws.TypeOf<RunException>().With.Message.Contains("no run folder"));
        Assert.That(() => RunFolder.Open(_root), Throws.TypeOf<RunException>().With.Message.Contains("config.json"));
    }

    [Test]
    public void WriteOnce_files_are_read_only_and_never_replaced()
    {
        var run = RunFolder.Create(_root, "job");
        run.WriteOnce("config", "{}"u8);

        Assert.That(File.GetUnixFileMode(run.Config) & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite), Is.EqualTo(UnixFileMode.None));
        Assert.That(() => run.WriteOnce("config", "[]"u8), Throws.TypeOf<RunException>());
        Assert.That(File.ReadAllText(run.Config), Is.EqualTo("{}"));
    }

    [Test]
    public void Status_can_be_read_at_any_moment_while_it_is_replaced()
    {
        var run = RunFolder.Create(_root, "job");
        run.WriteStatus(new RunStatus { State = RunState.Starting });
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() =>
        {
            for (var step = 0L; !stop.IsCancellationRequested; step++)
            {
                run.WriteStatus(new RunStatus { State = RunState.Running, Step = step, Message = new string('x', (int)(step % 500)) });
            }
        });

        var last = -1L;
        for (var i = 0; i < 2000; i++)
        {
            var status = run.ReadStatus()!; // a torn file would throw here
            Assert.That(status.Step, Is.GreaterThanOrEqualTo(last).Or.EqualTo(0));
            last = status.Step;
        }

        stop.Cancel();
        Assert.That(writer.Wait(TimeSpan.FromSeconds(30)), Is.True, "the writer did not stop");
        Assert.That(Directory.EnumerateFiles(run.Path, "*.tmp"), Is.Empty);
    }

    [Test]
    public void Summary_has_the_keys_that_scripts_read()
    {
        var run = RunFolder.Create(_root, "job");
        run.WriteSummary(new RunSummary
        {
            Job = "job",
            TestAccuracy = 90.5,
            TrainLoss = 0.25,
            ImagesPerSecond = 1000,
            Ranks = 2,
            Algorithm = "ring",
            Division = "sharded",
            Overlap = true,
            Compression = "none",
            Mpi = "mpi",
            Seconds = 3.5,
            Steps = 10,
            Epochs = 1,
            Attempts = 1,
            GlobalBatch = 128,
            Parameters = 42,
            DataStallPercent = 0,
            SlowestRank = 1,
            SlowestTimes = 1.5,
            CommunicationPercent = 1,
            PeakResidentBytes = 1,
            ParametersDigest = "ab",
        });

        using var json = JsonDocument.Parse(File.ReadAllText(run.Summary));
        Assert.That(json.RootElement.GetProperty("test_accuracy").GetDouble(), Is.EqualTo(90.5));
        foreach (var key in new[] { "images_per_second", "ranks", "algorithm", "division", "overlap", "compression", "mpi", "seconds" })
        {
            Assert.That(json.RootElement.TryGetProperty(key, out _), Is.True, key);
        }

        Assert.That(json.RootElement.TryGetProperty("test_loss", out _), Is.False, "what was not measured is absent");
    }
}
