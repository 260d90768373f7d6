using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Collectives.Tests.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Diagnostics;

/// <summary>What an observer is told of complete calls, over threads.</summary>
public sealed unsafe class ObserverTests
{
    private static readonly CommunicatorOptions s_options = new() { StallTimeout = TimeSpan.FromSeconds(20) };

    [Test]
    public void Each_call_is_told_with_what_ran_and_why([Values] bool onNode) => Run(2, onNode, communicator =>
    {
        communicator.AllReduce<float>(new float[10]); // before anybody observes
        var told = new List<CollectiveRecord>();
        communicator.Observer = (in CollectiveRecord call) => told.Add(call);
        CollectiveResult result = communicator.AllReduce<float>(new float[100], ReduceOp.Max);
        communicator.Broadcast<int>(new int[50_000], root: 1);
        communicator.Observer = null;
        communicator.Barrier();

        Assert.That(told.Select(call => (call.Sequence, call.Slot, call.Collective, call.Type, call.Op, call.Root, call.Count, call.Bytes)),
            Is.EqualTo(new (long, int, CollectiveKind, ElementType, ReduceOp?, int?, long, long)[]
            {
                (2, 0, CollectiveKind.AllReduce, ElementType.F32, ReduceOp.Max, null, 100, 400),
                (3, 0, CollectiveKind.Broadcast, ElementType.I32, null, 1, 50_000, 200_000),
            }));
        var asked = CollectiveCall.AllReduce(null, null, 100, ElementType.F32, ReduceOp.Max);
        Assert.That((told[0].Algorithm, told[0].Path, told[0].Reason), Is.EqualTo((result.Algorithm, result.Path, communicator.Explain(in asked).Reason)));
        Assert.That(told.Select(one => one.Ended - one.Started), Is.All.Positive);
        Assert.That(told[1].Started, Is.GreaterThanOrEqualTo(told[0].Ended));
    });

    [Test]
    public void Calls_under_way_together_have_slots_of_their_own([Values] bool onNode) => Run(2, onNode, communicator =>
    {
        float* memory = stackalloc float[12];
        var told = new List<CollectiveRecord>();
        communicator.Observer = (in CollectiveRecord call) => told.Add(call);
        var ring = new CollectiveOptions { Algorithm = onNode ? "auto" : "ring" };
        for (int round = 0; round < 2; round++)
        {
            var requests = new CollectiveRequest[6];
            for (int i = 0; i < requests.Length; i++)
                requests[i] = communicator.AllReduceAsync(memory + (2 * i), 2, ElementType.F32, ReduceOp.Sum, ring);
            foreach (CollectiveRequest request in requests)
                request.Wait();
        }

        Assert.That(told.Select(call => call.Sequence), Is.EquivalentTo(Enumerable.Range(1, 12)));
        foreach (IGrouping<int, CollectiveRecord> row in told.GroupBy(call => call.Slot))
        {
            CollectiveRecord[] calls = [.. row.OrderBy(call => call.Started)];
            Assert.That(calls.Zip(calls.Skip(1)).All(pair => pair.First.Ended <= pair.Second.Started), Is.True, $"slot {row.Key}");
        }

        Assert.That(told.Max(call => call.Slot), Is.LessThan(6));
    });

    [Test]
    public void Telling_allocates_nothing([Values] bool onNode)
    {
        long allocated = 0;
        Run(2, onNode, communicator =>
        {
            float* memory = stackalloc float[64];
            long bytes = 0;
            communicator.Observer = (in CollectiveRecord call) => bytes += call.Bytes;
            void Round()
            {
                for (int i = 0; i < 20; i++)
                    communicator.AllReduceAsync(memory, 64, ElementType.F32, ReduceOp.Sum).Wait();
            }

            Round();
            Interlocked.Add(ref allocated, Allocation.LeastOf(5, Round));
            Assert.That(bytes, Is.EqualTo(6 * 20 * 256));
        });
        Assert.That(allocated, Is.Zero);
    }

    private static void Run(int ranks, bool onNode, Action<CollectiveCommunicator> body)
    {
        var fabric = new InProcessFabric(ranks, new() { IsOneNode = onNode });
        RankThreads.Run(ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], s_options);
            body(communicator);
        });
    }
}
