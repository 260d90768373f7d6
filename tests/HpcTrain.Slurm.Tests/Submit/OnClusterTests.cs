using HpcTrain.Slurm.Tests.Cluster;

namespace HpcTrain.Slurm.Tests.Submit;

/// <summary>`hpctrain submit`, `status`, `logs` and `cancel` on a real Slurm.</summary>
/// <remarks>Most of its time is waiting, so it runs beside the other suites that have clusters of their own.</remarks>
[Parallelizable(ParallelScope.Self)]
internal sealed class OnClusterTests
{
    private readonly SlurmCluster _cluster = new("submit");
    private string Runs => Path.Combine(_cluster.Shared, "runs");

    [OneTimeSetUp]
    public void Start() => _cluster.Up("2", "--cpus", "2", "--gpus", "2");

    [OneTimeTearDown]
    public void End() => _cluster.Run("down");

    [Test]
    public void A_job_that_is_waited_for_tells_its_way_and_can_be_asked_about_afterwards()
    {
        Command run = Hpctrain($"submit {Command.Hpctrain} --name places --nodes 2 --ranks-per-node 2 --gpus 1 --mpi none --wait -- info --rank");

        Assert.That(run.ExitCode, Is.Zero, run.ToString());
        string id = run.Output.Split(['k', ':', ' '], StringSplitOptions.RemoveEmptyEntries).First(word => int.TryParse(word, out _));
        Assert.That(run.Output, Does.StartWith($"job {id}: places on 2 nodes with 2 ranks each, in {Runs}/places-").And.Contain($"job {id}: completed"));
        string[] said = Hpctrain($"logs {id}").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(said.Order(), Is.EqualTo(Enumerable.Range(0, 4).Select(rank =>
            $"rank {rank} of 4, started by srun; {rank % 2} of 2 on node{rank / 2 + 1}, beside {rank / 2 * 2},{rank / 2 * 2 + 1}; nodes node1,node2; GPUs {rank % 2}; job {id}")),
            "each rank knows its place");
        Assert.That(Hpctrain("status").Output, Does.Match($@"{id} +places .* completed"));
        Assert.That(Hpctrain("status places").Output, Does.Contain($"{Runs}/places-"));
        Assert.That(Hpctrain($"cancel {id}").Output, Is.EqualTo($"job {id} has ended already\n"));
    }

    [Test]
    public void A_sweep_is_an_array_and_the_exit_code_is_that_of_a_task_that_failed()
    {
        string sweep = Path.Combine(_cluster.Shared, "sweep.json");
        File.WriteAllText(sweep, """{"seed": [1, 2, 3]}""");
        Command run = Hpctrain($"submit {Script("sweep", "echo \"seed $2\"; [ $2 != 2 ] || exit 11")} --mpi none --sweep {sweep} --wait");

        Assert.That(run.ExitCode, Is.EqualTo(11), run.ToString());
        Assert.That(run.Errors, Does.Match(@"job \d+_1 failed: exit code 11; 'hpctrain logs \d+_1' shows what it said"));
        string[] said = Hpctrain("logs sweep").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(said.Where(line => line.StartsWith("seed", StringComparison.Ordinal)), Is.EqualTo(["seed 1", "seed 2", "seed 3"]));
        Assert.That(Hpctrain("status sweep").Output, Does.Contain("2 completed").And.Contain("1 failed"));
    }

    [Test]
    public void A_job_starts_only_if_the_one_before_it_ended_well_and_one_cancelled_in_the_queue_is_told()
    {
        foreach (string name in new[] { "first", "second" })
            File.WriteAllText($"{_cluster.Shared}/{name}.json", $$"""{"name": "{{name}}", "program": "{{Script($"{name}.sh", "exit 3")}}", "mpi": "none"}""");
        Command both = Hpctrain($"submit {_cluster.Shared}/first.json {_cluster.Shared}/second.json --wait");
        Assert.That(both.ExitCode, Is.EqualTo(3), both.ToString());
        Command second = Hpctrain("logs -f second");
        Assert.That(second.ExitCode, Is.EqualTo(7), second.ToString());
        Assert.That(second.Errors, Does.Match(@"job \d+ cancelled"));

        using var waiting = Command.Start(Command.Hpctrain, ["submit", "hostname", "--name", "held", "--mpi", "none", "--sbatch", "hold", "--wait"], Environment);
        Task<string> errors = waiting.StandardError.ReadToEndAsync();
        Command.WaitFor("a job to be held", () => waiting.StandardOutput.ReadLine()?.Contains("pending (JobHeldUser)", StringComparison.Ordinal) ?? throw new InvalidOperationException("it ended"));
        Assert.That(Hpctrain("cancel held").Output, Does.Match(@"job \d+ is cancelled"));
        Assert.That(waiting.WaitForExit(30_000), Is.True, "--wait ends with its job");
        Assert.That(waiting.ExitCode, Is.EqualTo(7));
        Assert.That(errors.Result, Does.Match(@"job \d+ cancelled"));
    }

    [Test]
    public void A_warned_job_hands_the_warning_to_its_ranks_and_goes_back_into_the_queue()
    {
        string started = Path.Combine(_cluster.Shared, "started");
        string script = Script("warned", $"echo ${{SLURM_RESTART_COUNT:-0}}.$SLURM_PROCID >>{started}; [ -z \"$SLURM_RESTART_COUNT\" ] || exit 0\n"
            + $"trap 'echo warned.$SLURM_PROCID >>{started}; exit 75' USR2; while :; do sleep 0.1; done");
        Assert.That(Hpctrain($"submit {script} --mpi none --nodes 2 --requeue").ExitCode, Is.Zero);
        Command.WaitFor("both ranks to start", () => Lines().Length == 2);
        string id = _cluster.Succeed("run", "squeue", "--noheader", "--format=%i", "--name=warned");
        Thread.Sleep(200); // the ranks have said hello; a moment until they listen

        _cluster.Succeed("run", "scancel", "--batch", "--signal=USR2", id);
        Command.WaitFor("Slurm to requeue the job", () => _cluster.Succeed("run", "scontrol", "show", "job", id).Contains("Restarts=1", StringComparison.Ordinal));
        Thread.Sleep(1100); // credentials of the first start are void up to this second, which is why Slurm lets requeued jobs wait
        _cluster.Succeed("run", "scontrol", "update", $"jobid={id}", "StartTime=now");
        Command log = Hpctrain($"logs -f {id}");
        Assert.That(log.ExitCode, Is.Zero, log.ToString());
        Assert.That(Lines().Order(), Is.EqualTo(new[] { "0.0", "0.1", "1.0", "1.1", "warned.0", "warned.1" }));
        Assert.That(Hpctrain($"logs {id}").Output, Does.Contain("warned: stopped before its end (exit code 75): back into the queue"));

        string[] Lines() => File.Exists(started) ? File.ReadAllLines(started) : [];
    }

    [TestCase("--partition night", 2, "there is no partition 'night' here; the partitions are batch, offpeak")]
    [TestCase("--nodes 3-4", 2, "hostname asks for 3-4 nodes, but partition batch has 2")]
    [TestCase("--sbatch constraint=gpu9", 2, "sbatch refuses hostname: ")]
    public void What_the_cluster_lacks_is_told_at_once(string words, int exitCode, string sentence)
    {
        Command run = Hpctrain($"submit hostname {words}");
        Assert.That(run.ExitCode, Is.EqualTo(exitCode));
        Assert.That(run.Errors, Does.StartWith($"hpctrain: {sentence}"));
        Assert.That(Directory.Exists(Runs) ? Directory.GetDirectories(Runs, "hostname-*") : [], Is.Empty);
    }

    [Test]
    public void A_folder_that_nodes_do_not_see_is_told()
    {
        string mine = Directory.CreateTempSubdirectory("hpctrain-unseen-").FullName;
        try
        {
            Command run = Command.Run(Command.Hpctrain, ["submit", "hostname", "--mpi", "none", "--wait", "--runs", mine], Environment);
            Assert.That(run.ExitCode, Is.EqualTo(7), run.ToString());
            Assert.That(run.Errors, Does.Contain("could not open its files: does every node see " + mine));
        }
        finally
        {
            Directory.Delete(mine, recursive: true);
        }
    }

    private Dictionary<string, string?> Environment => new(_cluster.Environment) { ["HPCTRAIN_RUNS"] = Runs };

    private Command Hpctrain(string words) => Command.Run(Command.Hpctrain, words.Split(' ', StringSplitOptions.RemoveEmptyEntries), Environment);

    private string Script(string name, string lines)
    {
        string path = Path.Combine(_cluster.Shared, name);
        File.WriteAllText(path, $"#!/bin/bash\n{lines}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
