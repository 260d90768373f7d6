using System.Diagnostics;
using System.Text.Json;

namespace HpcTrain.Training.Tests.Jobs;

/// <summary>The Fashion-MNIST job on real ranks and small data: what a run leaves, and what goes wrong.</summary>
[NonParallelizable]
public sealed partial class JobTests
{
    private const string Common = "--model mlp --batch 16 --epochs 2 --log-every 5 --seed 3 --warmup-steps 0";
    private string _folder = "";
    private string Data => Path.Combine(_folder, "data");

    [OneTimeSetUp]
    public void MakeData()
    {
        _folder = Directory.CreateTempSubdirectory("hpctrain-job-").FullName;
        Directory.CreateDirectory(Data);
        SmallDataset.Create(Data);
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_run_learns_and_leaves_a_folder_that_tells_everything()
    {
        var run = NewRun();
        var result = Run($"{Common} --ranks 2 --algorithm ring --run-dir {run}");

        Assert.That(result.ExitCode, Is.Zero, result.Everything);
        Assert.That(result.Output, Does.Contain("test accuracy").And.Contain("images per second").And.Contain(run));
        Assert.That(result.Output, Does.Not.Contain("\e"), "no control codes in what may go to a file");
        var summary = Summary(run);
        Assert.That(summary.GetProperty("test_accuracy").GetDouble(), Is.GreaterThan(95), "the classes are far apart");
        Assert.That(summary.GetProperty("ranks").GetInt32(), Is.EqualTo(2));
        Assert.That(summary.GetProperty("algorithm").GetString(), Is.EqualTo("ring"));
        Assert.That(summary.GetProperty("images_per_second").GetDouble(), Is.Positive);
        Assert.That(summary.GetProperty("steps").GetInt64(), Is.EqualTo(2 * Math.Ceiling(SmallDataset.TrainSamples / 32.0)));

        var metrics = File.ReadLines(Path.Combine(run, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.That(metrics.Count(m => m.GetProperty("kind").GetString() == "eval"), Is.EqualTo(2));
        var train = metrics.Where(m => m.GetProperty("kind").GetString() == "train").ToList();
        Assert.That(train[^1].GetProperty("loss").GetDouble(), Is.LessThan(train[0].GetProperty("loss").GetDouble()));
        Assert.That(train, Has.All.Matches<JsonElement>(m => m.GetProperty("seconds_compute").GetDouble() > 0));

        foreach (var file in new[] { "config.json", "environment.json", "status.json", "logs/rank-0.log", "logs/rank-1.log" })
        {
            Assert.That(File.Exists(Path.Combine(run, file)), Is.True, file);
        }

        Assert.That(File.ReadAllText(Path.Combine(run, "status.json")), Does.Contain("\"finished\""));
        Assert.That(Directory.GetDirectories(Path.Combine(run, "checkpoints")), Has.Length.EqualTo(2));
    }

    [Test]
    public void A_run_with_a_timeline_says_what_each_rank_did_when()
    {
        const int Buckets = 2;
        var run = NewRun();
        Succeed($"{Common} --ranks 2 --algorithm ring --steps 12 --timeline --run-dir {run}");

        var events = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "timeline.json"))).RootElement.GetProperty("traceEvents").EnumerateArray().ToList();
        var spans = events.Where(e => e.GetProperty("ph").GetString() == "X").ToList();
        foreach (var rank in new[] { 0, 1 })
        {
            Assert.That(File.Exists(Path.Combine(run, "timeline", $"rank-{rank}.json")), Is.True);
            var mine = spans.Where(e => e.GetProperty("pid").GetInt32() == rank).ToLookup(e => e.GetProperty("name").GetString()!);
            foreach (var part in new[] { "data", "forward", "backward", "communication", "optimizer" })
            {
                Assert.That(mine[part].Count(), Is.EqualTo(12), part);
            }

            var reduced = mine["allreduce ring"].ToList();
            Assert.That(reduced, Has.Count.EqualTo(12 * Buckets));
            for (var step = 1; step <= 12; step++)
            {
                var whole = mine[$"step {step}"].Single();
                Assert.That(IsInside(mine["communication"].ElementAt(step - 1), whole), Is.True, $"step {step}");
                foreach (var bucket in reduced.Skip((step - 1) * Buckets).Take(Buckets))
                {
                    Assert.That(IsInside(bucket, mine["communication"].ElementAt(step - 1)), Is.True, $"step {step}");
                    Assert.That(bucket.GetProperty("args").GetProperty("why").GetString(), Is.EqualTo("asked for"));
                }
            }
        }

        static decimal Start(JsonElement span) => span.GetProperty("ts").GetDecimal();
        static decimal End(JsonElement span) => Start(span) + span.GetProperty("dur").GetDecimal();
        static bool IsInside(JsonElement inner, JsonElement outer) => Start(outer) <= Start(inner) && End(inner) <= End(outer);
    }

    [Test]
    public void A_run_that_balances_its_batches_sees_every_sample_and_learns()
    {
        var run = NewRun();
        var result = Run($"{Common} --ranks 3 --epochs 3 --balance --run-dir {run}");
        Assert.That(result.ExitCode, Is.Zero, result.Everything);
        Assert.That(result.Output, Does.Contain("exposed to communication").And.Contain("waiting for data"));
        var summary = Summary(run);
        Assert.That(summary.GetProperty("steps").GetInt64(), Is.EqualTo(3 * Math.Ceiling(SmallDataset.TrainSamples / 48.0)));
        Assert.That(summary.GetProperty("epochs").GetDouble(), Is.EqualTo(3));
        Assert.That(summary.GetProperty("test_accuracy").GetDouble(), Is.GreaterThan(95));
        Assert.That(summary.GetProperty("slowest_times").GetDouble(), Is.GreaterThanOrEqualTo(1));
    }

    [Test]
    public void A_loss_that_runs_away_is_a_sentence()
        => AssertSentence(Run($"{Common} --ranks 2 --learning-rate 1e6 --run-dir {NewRun()}"), 2, "diverged", "--learning-rate");

    [Test]
    public void Data_of_another_shape_is_a_sentence()
    {
        var folder = Path.Combine(_folder, "wide");
        Directory.CreateDirectory(folder);
        SmallDataset.Create(folder, edge: 20);
        AssertSentence(Run($"{Common} --ranks 2 --data {folder} --run-dir {NewRun()}"), 2, "does not take the data", "image f32 [16, 1, 20, 20]");
    }

    [Test]
    public void A_checkpoint_of_another_model_is_refused_with_the_first_difference()
    {
        var run = NewRun();
        Succeed($"{Common} --ranks 2 --run-dir {run} --steps 5");
        AssertSentence(Run($"--resume {run} --ranks 2 --model cnn --steps 10"), 3, "this model does not have", "hidden1.weight");
    }

    [Test]
    public void Both_MPI_libraries_give_the_same_bits([Values("ring", "recursive-doubling", "halving-doubling")] string algorithm)
    {
        var (open, mpich) = (NewRun(), NewRun());
        Succeed($"{Common} --ranks 3 --steps 12 --mpi openmpi --algorithm {algorithm} --run-dir {open}");
        Succeed($"{Common} --ranks 3 --steps 12 --mpi mpich --algorithm {algorithm} --run-dir {mpich}");

        Assert.That(Digest(mpich), Is.EqualTo(Digest(open)));
        Assert.That(Summary(open).GetProperty("mpi").GetString(), Does.Contain("Open MPI"));
        Assert.That(Summary(mpich).GetProperty("mpi").GetString(), Does.Contain("MPICH"));
        Assert.That(Summary(open).GetProperty("algorithm").GetString(), Is.EqualTo(algorithm));
    }

    [Test]
    public void A_rule_has_the_job_run_a_plan_for_its_links()
    {
        var (plan, rules, run) = (Path.Combine(_folder, "plan.json"), Path.Combine(_folder, "rules.json"), NewRun());
        Assert.That(Program.Run(Program.HpcTrain, ["topo", "plan", "full:n=2", "--json", plan]).ExitCode, Is.Zero);
        File.WriteAllText(rules, """{ "format": "hpctrain-tuning", "version": 1, "collectives": { "allreduce": [{ "schedule": "plan.json" }] } }""");
        var result = Run($"{Common} --ranks 2 --steps 12 --run-dir {run}", environment: ("HPCTRAIN_TUNING", rules));
        Assert.That(result.ExitCode, Is.Zero, result.Everything);
        Assert.That(Summary(run).GetProperty("algorithm").GetString(), Is.EqualTo("plan:trees"));

        File.Delete(plan);
        AssertSentence(Run($"{Common} --ranks 2 --steps 12", environment: ("HPCTRAIN_TUNING", rules)), 2, $"The tuning rules '{rules}' are wrong", $"There is no schedule file {plan}");
    }

    [TestCase("--ranks 0", 2, "--ranks is 0")]
    [TestCase("--epochs 0", 2, "--epochs is 0")]
    [TestCase("--algorithm rings", 2, "rings", "recursive-doubling")]
    [TestCase("--epoch 3", 2, "epoch", "--epochs")]
    [TestCase("--optimizer lion", 2, "--optimizer must be one of sgd, nesterov, adam, adamw, lars, lamb")]
    [TestCase("--optimizer nesterov --momentum 0", 2, "--momentum is 0", "nesterov")]
    [TestCase("--beta2 1", 2, "--beta2 is 1")]
    [TestCase("--precision f8", 2, "--precision must be one of f32, bf16, f16")]
    [TestCase("--loss-scale big", 2, "--loss-scale is big")]
    [TestCase("--compress zip", 2, "--compress", "top-k")]
    [TestCase("--parallel fast", 2, "--parallel is fast", "ssp:STALENESS")]
    [TestCase("--parallel hybrid:2 --ranks 3", 2, "hybrid:2 does not divide the 3 ranks")]
    [TestCase("--shard-optimizer sometimes", 2, "--shard-optimizer must be one of auto, always, never")]
    [TestCase("--schedule steps", 2, "--schedule is steps", "cosine")]
    [TestCase("--model rnn", 2, "--model must be one of cnn, mlp")]
    [TestCase("--epochs", 2, "--epochs needs a value")]
    [TestCase("--batch many", 2, "--batch must be a whole number")]
    [TestCase("--mpi lam", 2, "lam", "openmpi")]
    [TestCase("--data /nowhere", 3, "/nowhere")]
    [TestCase("--resume /nowhere", 5, "/nowhere")]
    [TestCase("--runs /proc/none", 5, "/proc/none")]
    public void A_wrong_option_is_one_sentence(string extra, int exitCode, params string[] expected)
        => AssertSentence(Run($"{(extra.Contains("--ranks", StringComparison.Ordinal) ? "" : "--ranks 2 ")}--batch 16 {extra}"), exitCode, expected);

    [Test]
    public void An_existing_run_folder_is_not_touched()
    {
        var run = NewRun();
        Directory.CreateDirectory(run);
        File.WriteAllText(Path.Combine(run, "mine"), "mine");

        AssertSentence(Run($"{Common} --ranks 2 --run-dir {run}"), 5, run, "exists already");
        Assert.That(Directory.EnumerateFileSystemEntries(run).Count(), Is.EqualTo(1));
    }

    [Test]
    public void Damaged_data_ends_all_ranks_with_a_sentence([Values("cut", "gone", "flipped")] string damage)
    {
        var copy = Path.Combine(_folder, "damaged-" + damage);
        CopyTree(Data, copy);
        var shard = Directory.EnumerateFiles(Path.Combine(copy, "train"), "*.h5").Order().Skip(1).First();
        if (damage == "cut")
        {
            using var file = File.OpenWrite(shard);
            file.SetLength(file.Length / 2);
        }
        else if (damage == "gone")
        {
            File.Delete(shard);
        }
        else
        {
            FlipByte(shard);
        }

        AssertSentence(Run($"{Common} --ranks 2 --data {copy} --run-dir {NewRun()}", data: false), 3, shard);
    }

    [Test]
    public void A_full_disk_while_checkpointing_keeps_the_last_good_checkpoint()
    {
        // A file system of its own, in a mount namespace that vanishes with the job: room for one checkpoint of the MLP, not for two.
        var mount = Path.Combine(_folder, "small");
        Directory.CreateDirectory(mount);
        var kept = Path.Combine(_folder, "kept");
        var script =
            $"mount -t tmpfs -o size=72m tmpfs {mount} && {{ {Program.Job} {Common} --ranks 2 --data {Data} --steps 12 --checkpoint-every 5 --run-dir {mount}/run; "
            + $"code=$?; cp -r {mount}/run {kept}; exit $code; }}";
        var result = Program.Run("unshare", ["--mount", "--map-root-user", "bash", "-c", script]);

        AssertSentence(result, 5, "no space", "step-00000010", "step-00000005");
        Assert.That(Directory.GetDirectories(Path.Combine(kept, "checkpoints")).Select(Path.GetFileName), Is.EqualTo(new[] { "step-00000005" }));
        Succeed($"--resume {kept} --ranks 2 --steps 15");
    }

    [Test]
    public void A_killed_rank_ends_the_job_and_the_run_can_be_resumed()
    {
        var run = NewRun();
        using (var job = Program.Start(Program.Job, Words($"{Common} --data {Data} --ranks 2 --epochs 10000 --checkpoint-every 5 --run-dir {run}")))
        {
            var deadline = Stopwatch.StartNew();
            while (!Directory.Exists(Path.Combine(run, "checkpoints", "step-00000005")))
            {
                Assert.That(deadline.Elapsed, Is.LessThan(TimeSpan.FromSeconds(60)), "waited for the first checkpoint");
                Thread.Sleep(50);
            }

            var log = File.ReadAllText(Path.Combine(run, "logs", "rank-1.log"));
            var pid = int.Parse(log[(log.IndexOf("process ", StringComparison.Ordinal) + 8)..].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
            using var rank = Process.GetProcessById(pid);
            rank.Kill();
            var ended = job.Wait();
            Assert.That(ended.ExitCode, Is.EqualTo(137), ended.Everything);
            Assert.That(ended.Errors, Does.Contain("signal 9").And.Contain("--resume"));
        }

        Succeed($"--resume {run} --checkpoint-every 1000 --steps 60");
    }

    private string NewRun() => Path.Combine(_folder, "run-" + Path.GetRandomFileName());

    private ProgramResult Run(string arguments, bool data = true, params (string Name, string Value)[] environment)
        => Program.Run(Program.Job, Words(arguments).Concat(data && !arguments.Contains("--data", StringComparison.Ordinal) ? ["--data", Data] : []), _folder, environment);

    private void Succeed(string arguments)
    {
        var result = Run(arguments);
        Assert.That(result.ExitCode, Is.Zero, $"{arguments}\n{result.Everything}");
    }

    private static void AssertSentence(ProgramResult result, int exitCode, params string[] parts)
    {
        Assert.That(result.ExitCode, Is.EqualTo(exitCode), result.Everything);
        foreach (var part in parts)
        {
            Assert.That(result.Errors, Does.Contain(part), result.Everything);
        }

        Assert.That(result.Errors, Does.Not.Contain("process returned").And.Not.Contain("mpirun"), "the launcher's own page would bury the sentence");
        Assert.That(result.Everything, Does.Not.Contain("   at HpcTrain").And.Not.Contain("Unhandled exception"), "no stack trace for a user's mistake");
    }

    private static JsonElement Summary(string run) => JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "summary.json"))).RootElement;

    private static string? Digest(string run) => Summary(run).GetProperty("parameters_digest").GetString();

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static void FlipByte(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^100] ^= 0x40;
        File.WriteAllBytes(path, bytes);
    }

    private static void CopyTree(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
