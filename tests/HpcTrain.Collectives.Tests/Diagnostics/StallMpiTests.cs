using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Collectives.Tests.Diagnostics;

/// <summary>Jobs that would hang: each ends within its bound, with the documented exit code and one table that names the culprit.</summary>
[TestFixtureSource(typeof(Launchers), nameof(Launchers.All))]
public sealed partial class StallMpiTests(MpiFlavor flavor)
{
    private const int Stop = 19, Kill = 9;
    private const string Shared = "shared", Messages = "messages";
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(50);
    private static readonly Dictionary<string, string> s_environment = new() { [CommunicatorOptions.StallTimeoutVariable] = "1" };

    [SetUp]
    public void RequireFlavor()
    {
        if (!Launchers.Has(flavor))
            Assert.Ignore($"no mpirun of {flavor.DisplayName()} on this machine");
    }

    [Test]
    public void A_rank_that_never_calls_is_named_in_one_table([Values(Shared, Messages)] string way, [Values("blocking", "async")] string kind)
    {
        RankResult result = RankRun.Scenario(flavor, 3, StallScenarios.OneNeverCalls, s_bound, [way, kind], s_environment);
        ExpectStall(result);
        string all = string.Join('\n', result.Ranks.Select(rank => rank.Error));
        Assert.That(all, Does.Contain("hpctrain: a collective stalled: allreduce #2 (4096 f32, sum)."), result.ToString());
        Assert.That(all, Does.Contain(way == Shared
            ? "rank 2 has not called allreduce #2 (4096 f32, sum); its last was broadcast #1 (10 f32, root 0), done " : "rank 2 does not answer: it has not called allreduce #2 (4096 f32, sum), or does not move it on (process "), result.ToString());
        Assert.That(all, Does.Match(@"\n +2 .*no answer: not in a collective of this communicator \(computing, dead or in another library\); process \d+ sleeps or waits\n"), result.ToString());
        Assert.That(all, Does.Match(@"\n +0 +allreduce #2 \(4096 f32, sum\) +waits [\d.]+ s +\S.*waits for rank").And.Match(@"\n +1 +allreduce #2 \(4096 f32, sum\) +waits [\d.]+ s +\S"), result.ToString());
    }

    [Test]
    public void A_stopped_rank_is_named([Values(Shared, Messages)] string way)
    {
        RankResult result = Meddle(way, Stop);
        ExpectStall(result);
        Assert.That(string.Join('\n', result.Ranks.Select(rank => rank.Error)), Does.Match(@"The cause: rank 1 .*process \d+ is stopped"), result.ToString());
    }

    [Test]
    public void A_killed_rank_ends_the_job([Values(Shared, Messages)] string way)
    {
        RankResult result = Meddle(way, Kill);
        Assert.That(result.TimedOut, Is.False, result.ToString());
        Assert.That(result.ExitCode, Is.Not.Zero, result.ToString());
    }

    [Test]
    public void A_program_that_catches_the_error_can_free_everything([Values(Shared, Messages)] string way)
    {
        RankResult result = RankRun.Scenario(flavor, 2, StallScenarios.CatchAndLeave, s_bound, [way, "blocking"], s_environment);
        ExpectStall(result);
        Assert.That(result.Ranks[0].Output, Is.EqualTo("caught"), result.ToString());
    }

    private RankResult Meddle(string way, int signal) => RankRun.Scenario(flavor, 3, StallScenarios.ReduceForEver, s_bound, [way, "blocking", "{folder}"], s_environment, job =>
    {
        Assert.That(job.WaitUntil(() => Enumerable.Range(0, 3).All(rank => File.Exists(Path.Combine(job.Folder, $"{rank}.ready"))), s_bound), Is.True);
        Assert.That(Signal(job.ProcessId(1)!.Value, signal), Is.Zero);
    });

    private static void ExpectStall(RankResult result)
    {
        Assert.That(result.TimedOut, Is.False, result.ToString());
        Assert.That(result.ExitCode, Is.EqualTo(MpiExitCodes.Stalled), result.ToString());
        Assert.That(result.Ranks.Count(rank => rank.Error.Contains("hpctrain: a collective stalled", StringComparison.Ordinal)), Is.EqualTo(1), result.ToString());
    }

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}

/// <summary>Calls that differ, on real ranks: whichever way, all ranks say the same.</summary>
public sealed unsafe class CheckedMpiTests
{
    [RankTest(2, 3)]
    public void Differences_are_one_sentence_on_all_ranks(Intracommunicator world)
    {
        foreach (bool sharesMemory in (bool[])[true, false])
        {
            foreach (bool isAsync in (bool[])[false, true])
            {
                using var communicator = new CollectiveCommunicator(world, new() { SharesMemory = sharesMemory, Checked = true, StallTimeout = TimeSpan.FromSeconds(30) });
                using CollectiveBuffer<float> buffer = communicator.Allocate<float>(128);
                communicator.AllReduce(buffer.Span);
                CollectiveCall call = CollectiveCall.Broadcast(buffer.Pointer, world.Rank == 1 ? 65 : 64, ElementType.F32, root: 0);
                ScheduleException error = Assert.Throws<ScheduleException>(() => _ = isAsync ? communicator.Start(call).Wait() : communicator.Run(call))!;
                Assert.That(error.Message, Does.Contain("differ in call 2").And.Contain("broadcast of 64 f32, root 0").And.Contain("; rank 1 calls broadcast of 65 f32, root 0"));
                var sentence = new byte[1000];
                System.Text.Encoding.UTF8.GetBytes(error.Message, sentence);
                var all = new byte[sentence.Length * world.Size];
                world.AllGather<byte>(sentence, all);
                for (int rank = 0; rank < world.Size; rank++)
                    Assert.That(all.AsSpan(rank * sentence.Length, sentence.Length).SequenceEqual(sentence), Is.True, error.Message);
            }
        }
    }

    [RankTest(2)]
    public void Without_checks_the_node_finds_differences_and_messages_of_the_wrong_length(Intracommunicator world)
    {
        foreach (bool sharesMemory in (bool[])[true, false])
        {
            using var communicator = new CollectiveCommunicator(world, new() { SharesMemory = sharesMemory, StallTimeout = TimeSpan.FromSeconds(2) });
            ScheduleException error = Assert.Throws<ScheduleException>(() => communicator.AllReduce<float>(new float[64 + world.Rank]))!;
            Assert.That(error.Message, Does.Contain("all ranks must call the same collectives in the same order").Or.Contain("The cause: rank"));
        }
    }
}
