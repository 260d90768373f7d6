using System.Text.Json;
using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Collectives.Tests.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Diagnostics;

/// <summary>What the flight recorder keeps, over threads.</summary>
public sealed unsafe class RecorderTests
{
    private static readonly CommunicatorOptions s_options = new() { StallTimeout = TimeSpan.FromSeconds(20), RecordedCalls = 8 };

    [Test]
    public void Calls_are_kept_with_all_that_was_asked_for([Values] bool onNode) => Run(2, onNode, s_options, communicator =>
    {
        communicator.AllReduce<float>(new float[100], ReduceOp.Max);
        communicator.Broadcast<int>(new int[50_000], root: 1);
        communicator.Barrier();
        IReadOnlyList<FlightEntry> entries = communicator.Recorder.Entries;
        Assert.That(entries.Select(entry => (entry.Sequence, entry.Collective, entry.Type, entry.Op, entry.Count, entry.Root)), Is.EqualTo(new (long, CollectiveKind, ElementType, ReduceOp?, long, int?)[]
        {
            (1, CollectiveKind.AllReduce, ElementType.F32, ReduceOp.Max, 100, null),
            (2, CollectiveKind.Broadcast, ElementType.I32, null, 50_000, 1),
            (3, CollectiveKind.Barrier, ElementType.U8, null, 1, null),
        }));
        Assert.That(entries.Select(entry => entry.State), Is.All.EqualTo(FlightState.Done));
        Assert.That(entries.Select(entry => entry.Duration), Is.All.Not.Null);
        Assert.That(entries.Select(entry => entry.Path), Is.EqualTo(onNode ? ["slots", "staged", "slots"] : (string[])["in-process", "in-process", "in-process"]));
        Assert.That(entries[0].Algorithm, Is.EqualTo(onNode ? "one-shot" : communicator.AllReduce<float>(new float[100], ReduceOp.Max).Algorithm));
    });

    [Test]
    public void Only_the_last_calls_are_kept([Values] bool onNode) => Run(2, onNode, s_options with { RecordedCalls = 5 }, communicator =>
    {
        for (int count = 1; count <= 20; count++)
            communicator.AllReduce<int>(new int[count]);
        Assert.That(communicator.Recorder.Capacity, Is.EqualTo(8));
        Assert.That(communicator.Recorder.Entries.Select(entry => (entry.Sequence, entry.Count)), Is.EqualTo(Enumerable.Range(13, 8).Select(n => ((long)n, (long)n))));
    });

    [Test]
    public void An_operation_under_way_says_for_whom_it_waits([Values] bool onNode)
    {
        var fabric = new InProcessFabric(2, new() { IsOneNode = onNode });
        var communicator = new CollectiveCommunicator(fabric[0], s_options);
        var buffer = stackalloc float[64];
        CollectiveRequest request = communicator.AllReduceAsync(buffer, 64, ElementType.F32, ReduceOp.Sum, new() { Algorithm = onNode ? "auto" : "ring" });
        Assert.That(request.Test(), Is.False);
        FlightEntry entry = communicator.Recorder.Entries.Single();
        Assert.That(entry.State, Is.AnyOf(FlightState.Started, FlightState.Progress));
        Assert.That(entry.Duration, Is.Null);
        Assert.That(entry.Waits, Has.Some.Contains(onNode ? "contributions: waits for rank 1 to call it" : "waits for rank 1"));
        using var text = new MemoryStream();
        communicator.Recorder.WriteJson(text);
        JsonElement json = JsonDocument.Parse(text.ToArray()).RootElement[0];
        Assert.That(json.GetProperty("collective").GetString(), Is.EqualTo("allreduce"));
        Assert.That(json.GetProperty("count").GetInt64(), Is.EqualTo(64));
        Assert.That(json.GetProperty("op").GetString(), Is.EqualTo("sum"));
        Assert.That(json.GetProperty("waits").EnumerateArray().Select(wait => wait.GetString()), Is.EqualTo(entry.Waits));
        Assert.That(json.TryGetProperty("root", out _), Is.False);

        // The other rank comes, so that the first can end.
        RankThreads.Run(2, rank =>
        {
            if (rank == 1)
            {
                using var other = new CollectiveCommunicator(fabric[1], s_options);
                other.AllReduce<float>(new float[64], ReduceOp.Sum, new() { Algorithm = onNode ? "auto" : "ring" });
            }
            else
            {
                request.Wait();
                Assert.That(communicator.Recorder.Entries.Single().State, Is.EqualTo(FlightState.Done));
                communicator.Dispose();
            }
        });
    }

    [Test]
    public void An_operation_older_than_the_ring_does_not_disturb_the_newer_ones() => Run(2, onNode: false, s_options with { RecordedCalls = 2 }, communicator =>
    {
        float* memory = stackalloc float[16];
        var requests = new CollectiveRequest[6];
        for (int i = 0; i < requests.Length; i++)
            requests[i] = communicator.AllReduceAsync(memory + (2 * i), i % 2 + 1, ElementType.F32, ReduceOp.Sum);
        foreach (CollectiveRequest request in requests)
            request.Wait();
        Assert.That(communicator.Recorder.Entries.Select(entry => (entry.Sequence, entry.Count, entry.State)), Is.EqualTo(new[] { (5L, 1L, FlightState.Done), (6L, 2L, FlightState.Done) }));
    });

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(int.MaxValue)]
    public void A_ring_of_impossible_length_is_refused(int calls) =>
        Assert.That(() => new CollectiveCommunicator(new InProcessFabric(1)[0], new() { RecordedCalls = calls }),
            Throws.TypeOf<ScheduleException>().With.Message.Contains($"RecordedCalls is {calls}; it needs to be from 1 to"));

    private static void Run(int ranks, bool onNode, CommunicatorOptions options, Action<CollectiveCommunicator> body)
    {
        var fabric = new InProcessFabric(ranks, new() { IsOneNode = onNode });
        RankThreads.Run(ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], options);
            body(communicator);
        });
    }
}
