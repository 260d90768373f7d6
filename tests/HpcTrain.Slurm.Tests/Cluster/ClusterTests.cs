using System.Globalization;
using System.Text.Json;

namespace HpcTrain.Slurm.Tests.Cluster;

/// <summary>slurm/cluster, on one cluster that is started once; later tests find it as earlier ones leave it.</summary>
/// <remarks>Most of its time is waiting, so it runs beside the other suites that have clusters of their own.</remarks>
[Parallelizable(ParallelScope.Self)]
internal sealed class ClusterTests
{
    private const string Burn = "timeout 0.6 bash -c 'trap \"times; exit\" TERM; while :; do :; done' || true";
    private readonly SlurmCluster _cluster = new("test");
    private string _before = "";

    [OneTimeSetUp]
    public void Start()
    {
        _before = Machine();
        _cluster.Up("4", "--cpus", "2", "--gpus", "2");
    }

    [OneTimeTearDown]
    public void End()
    {
        Command down = _cluster.Run("down");
        Assert.That(down.ExitCode, Is.AnyOf(0, 2, 4), down.ToString());
    }

    [Test, Order(1)]
    public void All_nodes_are_idle_and_run_a_job_together()
    {
        Assert.That(_cluster.Succeed("status").Split('\n').Count(line => line.Contains(" idle ", StringComparison.Ordinal)), Is.EqualTo(4));
        string said = _cluster.Succeed("run", "srun", "-N", "4", "--ntasks-per-node=2", "--gpus-per-task=1", "bash", "-c",
            "echo $(hostname) $SLURM_PROCID gpu $CUDA_VISIBLE_DEVICES $SLURM_TOPOLOGY_ADDR $(ls /sys/class/net | tr '\\n' ' ')");
        Assert.That(said.Split('\n').Order(), Is.EqualTo(Enumerable.Range(0, 8).Select(rank =>
            $"node{rank / 2 + 1} {rank} gpu {rank % 2} switch.node{rank / 2 + 1} lo net0").Order()));
    }

    [Test, Order(2)]
    public void A_node_has_its_own_tmp_and_memory_and_shares_all_other_files()
    {
        string onMachine = Path.GetTempFileName(), shared = Path.Combine(_cluster.Shared, "seen");
        try
        {
            File.WriteAllText(shared, "by all\n");
            _cluster.On("node1", "touch /tmp/mine /dev/shm/mine");
            Assert.That(_cluster.On("node2", $"ls {onMachine} /tmp/mine /dev/shm/mine 2>/dev/null; cat {shared}; cd {Command.Root} && ls -d HpcTrain.sln"),
                Is.EqualTo("by all\nHpcTrain.sln"));
            Assert.That(_cluster.Succeed("run", "ls", onMachine), Is.EqualTo(onMachine), "the head has the machine's /tmp");
        }
        finally
        {
            File.Delete(onMachine);
        }
    }

    [Test, Order(3)]
    public void Ranks_of_an_MPI_job_meet_over_the_links()
    {
        if (!_cluster.Succeed("run", "srun", "--mpi=list").Contains("pmix", StringComparison.Ordinal) || !File.Exists("/usr/bin/mpirun.openmpi"))
            Assert.Ignore("Slurm's pmix plugin or Open MPI is not installed");
        long before = ReceivedBytes("node2");
        string json = Path.Combine(_cluster.Shared, "bench.json");
        _cluster.Succeed("run", "timeout", "50", "srun", "--mpi=pmix", "-N", "2", Command.Hpctrain, "bench", "allreduce", "-b", "4M", "-e", "4M", "-n", "1", "-w", "0",
            "--compare", "none", "--in-place", "1", "--json", json);
        JsonElement row = JsonDocument.Parse(File.ReadAllText(json)).RootElement.GetProperty("rows")[0];
        Assert.That(row.GetProperty("wrong").GetInt64(), Is.Zero);
        Assert.That(ReceivedBytes("node2") - before, Is.GreaterThan(4 << 20), "an allreduce brings each of two ranks at least as many bytes as it has elements' bytes");
    }

    [Test, Order(4)]
    public void A_cut_link_carries_nothing_until_it_is_healed()
    {
        const string Reach = "timeout 1 bash -c '</dev/tcp/node1/6818' && echo reached || echo not";
        _cluster.Succeed("cut", "node1");
        Assert.That(_cluster.On("node2", Reach), Is.EqualTo("not"));
        Assert.That(_cluster.On("node1", "hostname"), Is.EqualTo("node1"), "it runs on");
        Assert.That(_cluster.Succeed("status"), Does.Match(@"node1 .* on +cut"));
        _cluster.Succeed("heal", "node1");
        Command.WaitFor("node1 to be reached again", () => _cluster.On("node2", Reach) == "reached");
    }

    [Test, Order(5)]
    public void A_shaped_link_is_shaped_at_both_ends_until_it_is_freed()
    {
        _cluster.Succeed("shape", "node1,node3", "200mbit");
        Assert.That(_cluster.On("node3", "tc qdisc show dev net0"), Does.Contain("tbf").And.Contain("200Mbit"));
        Assert.That(_cluster.Succeed("run", "tc", "qdisc", "show", "dev", "port3"), Does.Contain("tbf").And.Contain("200Mbit"));
        Assert.That(_cluster.On("node2", "tc qdisc show dev net0"), Does.Not.Contain("tbf"));
        _cluster.Succeed("shape", "all", "none");
        Assert.That(_cluster.On("node3", "tc qdisc show dev net0"), Does.Not.Contain("tbf"));
    }

    [Test, Order(6)]
    public void A_slow_node_gets_its_share_of_CPU_time_and_no_more()
    {
        _cluster.Succeed("slow", "node2", "10");
        // 10 % of two CPUs for 0.6 s are 0.12 s; one process alone would get up to 0.6 s.
        Assert.That(CpuSeconds(_cluster.On("node2", Burn)), Is.LessThan(0.3));
        _cluster.Succeed("slow", "node2", "100");
        Assert.That(_cluster.Succeed("status"), Does.Match(@"node2 .* 100%"));
    }

    [Test, Order(7)]
    public void A_node_without_power_is_silent_and_its_job_starts_again_when_it_is_back()
    {
        string script = Path.Combine(_cluster.Shared, "wait.sh"), started = Path.Combine(_cluster.Shared, "started");
        // srun's PMIx keeps sockets in the node's spool, which must not be there when the job comes back.
        File.WriteAllText(script, $"#!/bin/bash\nsrun bash -c 'echo $(hostname) ${{SLURM_RESTART_COUNT:-0}} >>{started}; exec sleep 600'\n");
        string job = _cluster.Succeed("run", "sbatch", "--parsable", "--requeue", "-w", "node4", "--output=/dev/null", script);
        Command.WaitFor($"job {job} to start", () => File.Exists(started));
        Assert.That(_cluster.Succeed("run", "ps", "ax"), Does.Contain("sleep 600"));

        _cluster.Succeed("kill", "node4");
        Assert.That(_cluster.Succeed("run", "ps", "ax"), Does.Not.Contain("sleep 600").And.Not.Contain("-N node4"));
        Assert.That(_cluster.Succeed("status"), Does.Match("node4 .* off "));
        Command refused = _cluster.Run("exec", "node4", "true");
        Assert.That(refused.ExitCode, Is.EqualTo(2));
        Assert.That(refused.Errors, Does.Contain("node4 is without power"));

        _cluster.Succeed("start", "node4");
        Command.WaitFor($"Slurm to requeue job {job}", () => _cluster.Succeed("run", "scontrol", "show", "job", job).Contains("Restarts=1", StringComparison.Ordinal));
        Thread.Sleep(1100); // credentials of the first start are void up to this second, which is why Slurm lets requeued jobs wait
        _cluster.Succeed("run", "scontrol", "update", $"jobid={job}", "StartTime=now");
        Command.WaitFor($"job {job} to start again", () => File.ReadAllLines(started).SequenceEqual(["node4 0", "node4 1"]));
        _cluster.Succeed("run", "scancel", job);
    }

    [Test, Order(8)]
    public void Slurmctld_can_be_restarted_and_knows_its_jobs()
    {
        string job = _cluster.Succeed("run", "sbatch", "--parsable", "--hold", "--output=/dev/null", "--wrap", "true");
        _cluster.Succeed("restart");
        Assert.That(_cluster.Succeed("run", "squeue", "--noheader", "--format=%i %T"), Is.EqualTo($"{job} PENDING"));
        _cluster.Succeed("run", "scancel", job);
    }

    [Test, Order(9)]
    public void Another_cluster_beside_it_is_apart_from_it_and_slows_nodes_without_control_groups()
    {
        var other = new SlurmCluster("other");
        try
        {
            // The control groups for CPU time are hidden from the second cluster.
            Command up = Command.Run("unshare", ["--mount", "bash", "-c", "for d in /sys/fs/cgroup/cpu /sys/fs/cgroup/cpu,cpuacct; do [ ! -e $d ] || mount -t tmpfs none $d; done; "
                + "[ ! -e /sys/fs/cgroup/cgroup.subtree_control ] || mount --bind /dev/null /sys/fs/cgroup/cgroup.subtree_control; exec \"$0\" \"$@\"", SlurmCluster.Script, .. other.Words("up", "1")]);
            Assert.That(up.ExitCode, Is.Zero, up.ToString());
            Assert.That(other.Succeed("run", "sinfo", "--noheader", "--format=%n"), Is.EqualTo("node1"));
            Assert.That(_cluster.Succeed("run", "srun", "-N", "4", "hostname").Split('\n'), Has.Length.EqualTo(4));

            other.Succeed("slow", "node1", "20");
            Assert.That(CpuSeconds(other.On("node1", Burn)), Is.LessThan(0.35));
            other.Succeed("slow", "node1", "100");
            Assert.That(other.Succeed("run", "srun", "hostname"), Is.EqualTo("node1"));
        }
        finally
        {
            other.Run("down");
        }
        Assert.That(other.Processes(), Is.Empty);
    }

    [Test, Order(10)]
    public void A_script_killed_while_it_starts_a_cluster_leaves_nothing_but_a_folder_that_down_removes()
    {
        var broken = new SlurmCluster("broken");
        using (var script = Command.Start(SlurmCluster.Script, broken.Words("up", "2")))
        {
            Command.WaitFor("the first node of a cluster", () => File.Exists($"{broken.State}/nodes/node1/init") || script.HasExited);
            script.Kill();
            script.WaitForExit();
        }
        Command.WaitFor("the processes of a cluster to end whose start was broken off", () => broken.Processes().Count == 0);
        broken.Succeed("down");
        Assert.That(Directory.Exists(broken.State), Is.False);
    }

    [TestCase("up 0", "from 1 to 64, not '0'")]
    [TestCase("up 2 --cpu 2", "there is no option '--cpu'")]
    [TestCase("up 2", "is up already")]
    [TestCase("kill node9", "there is no node 'node9'; the nodes are node1 node2 node3 node4")]
    [TestCase("start node1", "node1 runs already")]
    [TestCase("slow node1 0", "a percentage from 1 to 100, not '0'")]
    [TestCase("shape node1 fast", "a rate such as 200mbit")]
    [TestCase("frobnicate", "there is no command 'frobnicate'; the commands are up, down")]
    [Order(11)]
    public void A_mistake_is_told_in_a_sentence(string words, string sentence)
    {
        Command run = _cluster.Run(words.Split(' '));
        Assert.That(run.ExitCode, Is.EqualTo(2));
        Assert.That(run.Errors, Does.StartWith("cluster: ").And.Contain(sentence));
        Assert.That(run.Errors.Trim().Split('\n'), Has.Length.EqualTo(1));
    }

    [Test, Order(100)]
    public void Down_leaves_the_machine_as_it_was()
    {
        Assert.That(_cluster.Processes(), Is.Not.Empty);
        _cluster.Succeed("down");
        Assert.That(_cluster.Processes(), Is.Empty);
        Assert.That(Directory.Exists(_cluster.State), Is.False);
        Assert.That(Machine(), Is.EqualTo(_before));
        Command gone = _cluster.Run("status");
        Assert.That(gone.ExitCode, Is.EqualTo(2));
        Assert.That(gone.Errors, Does.Contain("there is no cluster in"));
    }

    /// <summary>What a cluster must not change: named networks, links, mounts, control groups, files of the machine.</summary>
    private static string Machine() => Command.Run("bash", ["-c",
        "PATH=$PATH:/usr/sbin:/sbin; ip netns; ip -o link | cut -d: -f2; cut -d' ' -f4- /proc/self/mountinfo; ls -d /sys/fs/cgroup/*/slurm-cluster* /sys/fs/cgroup/slurm-cluster* 2>/dev/null; "
        + "sha256sum /etc/hosts; ls -l /etc/slurm /etc/munge /run/munge 2>/dev/null"]).Output;

    private long ReceivedBytes(string node) =>
        long.Parse(_cluster.On(node, "cat /sys/class/net/net0/statistics/rx_bytes"), CultureInfo.InvariantCulture);

    /// <summary>The sum of what bash's `times` prints: minutes and seconds, of the shell and of its children.</summary>
    private static double CpuSeconds(string times) =>
        times.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Sum(time =>
            60 * double.Parse(time[..time.IndexOf('m', StringComparison.Ordinal)], CultureInfo.InvariantCulture)
            + double.Parse(time[(time.IndexOf('m', StringComparison.Ordinal) + 1)..].TrimEnd('s'), CultureInfo.InvariantCulture));
}
