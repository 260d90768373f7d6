using System.Diagnostics;
using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

/// <summary>The files of the ranks' shared memory: none stays behind, whoever is killed.</summary>
[TestFixtureSource(typeof(Launchers), nameof(Launchers.All))]
public class SharedMemoryFileTests(MpiFlavor flavor)
{
    private const string Deleted = " (deleted)";
    private const int Ranks = 3;
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan s_ownEnd = TimeSpan.FromSeconds(10);

    [SetUp]
    public void RequireFlavor()
    {
        if (!Launchers.Has(flavor))
            Assert.Ignore($"no mpirun of {flavor.DisplayName()} on this machine");
    }

    [Test]
    public void Nothing_is_left_when_the_launcher_is_killed() => KillAndLook(ranks => [ParentOf(ranks[0])]);

    [Test]
    public void Nothing_is_left_when_one_rank_is_killed() => KillAndLook(ranks => [ranks[1]]);

    [Test]
    public void Nothing_is_left_when_all_but_one_rank_are_killed() => KillAndLook(ranks => [ParentOf(ranks[0]), .. ranks[1..]]);

    [Test]
    public void Nothing_is_left_when_all_are_killed() => KillAndLook(ranks => [ParentOf(ranks[0]), .. ranks]);

    [Test]
    public void An_end_in_order_is_silent()
    {
        var result = RankRun.Scenario(flavor, Ranks, RankScenarios.ReportWorld, s_bound);
        Assert.That(result.ExitCode, Is.Zero, result.ToString());
        Assert.That(result.Ranks.Select(rank => rank.Error), Is.All.Empty, result.ToString());
        Assert.That(result.ToString(), Does.Not.Contain("unlink").And.Not.Contain("segment"));
    }

    private void KillAndLook(Func<int[], int[]> whom)
    {
        string[] files = [];
        RankRun.Scenario(flavor, Ranks, RankScenarios.HoldSharedMemory, s_bound, ["{folder}"], whileRunning: job =>
        {
            Assert.That(job.WaitUntil(() => Enumerable.Range(0, Ranks).All(rank => File.Exists(Path.Combine(job.Folder, $"{rank}.ready"))), s_bound), Is.True, "ready");
            int[] ranks = [.. Enumerable.Range(0, Ranks).Select(rank => job.ProcessId(rank)!.Value)];
            files = [.. ranks.SelectMany(MappedInSharedMemory).Distinct()];
            foreach (int process in whom(ranks))
                Kill(process);

            // Open MPI's ranks end by themselves some seconds after their mpirun; others need not.
            var clock = Stopwatch.StartNew();
            while (ranks.Any(IsAlive) && clock.Elapsed < s_ownEnd)
                Thread.Sleep(20);
            foreach (int rank in ranks.Where(IsAlive))
                Kill(rank);
        });
        Assert.That(files, Is.Not.Empty, "the ranks share memory");
        Assert.That(files.Where(File.Exists), Is.Empty);
    }

    private static IEnumerable<string> MappedInSharedMemory(int process) =>
        File.ReadLines($"/proc/{process}/maps").Select(line => line.IndexOf("/dev/shm/", StringComparison.Ordinal) is >= 0 and var start ? line[start..] : "")
            .Where(path => path.Length > 0).Select(path => path.EndsWith(Deleted, StringComparison.Ordinal) ? path[..^Deleted.Length] : path);

    private static string[] StateOf(int process)
    {
        // The name, in parentheses, may hold anything.
        string state = File.ReadAllText($"/proc/{process}/stat");
        return state[(state.LastIndexOf(')') + 2)..].Split(' ');
    }

    private static int ParentOf(int process) => int.Parse(StateOf(process)[1]);

    private static bool IsAlive(int process)
    {
        try
        {
            return StateOf(process)[0] is not ("Z" or "X");
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Kill(int process)
    {
        using var found = Process.GetProcessById(process);
        found.Kill();
    }
}
