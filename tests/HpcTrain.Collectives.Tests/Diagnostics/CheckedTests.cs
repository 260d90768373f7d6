using HpcTrain.Collectives.Tests.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Diagnostics;

/// <summary>Checked mode: all ranks get one sentence about calls that differ, whichever way the data would go.</summary>
public sealed unsafe class CheckedTests
{
    private static readonly CommunicatorOptions s_options = new() { StallTimeout = TimeSpan.FromSeconds(20), Checked = true };
    private static readonly float* s_memory = (float*)System.Runtime.InteropServices.NativeMemory.AllocZeroed(64 * 1024, sizeof(float));

    private static readonly CollectiveCall s_call = CollectiveCall.Reduce(s_memory, s_memory, 64, ElementType.F32, root: 0);

    private static readonly TestCaseData[] s_differences =
    [
        new TestCaseData(CollectiveCall.Broadcast(s_memory, 64, ElementType.F32, root: 0), "broadcast of 64 f32, root 0").SetArgDisplayNames("collective"),
        new TestCaseData(s_call with { Count = 65 }, "reduce of 65 f32, sum, root 0").SetArgDisplayNames("count"),
        new TestCaseData(s_call with { Type = ElementType.I32 }, "reduce of 64 i32, sum, root 0").SetArgDisplayNames("type"),
        new TestCaseData(s_call with { Op = ReduceOp.Max }, "reduce of 64 f32, max, root 0").SetArgDisplayNames("op"),
        new TestCaseData(s_call with { Root = 1 }, "reduce of 64 f32, sum, root 1").SetArgDisplayNames("root"),
    ];

    [TestCaseSource(nameof(s_differences))]
    public void A_difference_is_one_sentence_on_all_ranks(CollectiveCall other, string text)
    {
        foreach ((bool onNode, bool isAsync) in ((bool, bool)[])[(false, false), (false, true), (true, false), (true, true)])
        {
            string[] sentences = Run(3, onNode, (communicator, rank) =>
            {
                communicator.Barrier();
                CollectiveCall call = rank == 1 ? other : s_call;
                if (isAsync)
                    communicator.Start(call).Wait();
                else
                    communicator.Run(call);
            });
            Assert.That(sentences, Is.All.EqualTo(sentences[0]));
            Assert.That(sentences[0], Does.StartWith("The ranks differ in call 2 of the communicator: ranks 0, 2 call reduce of 64 f32, sum, root 0 (").And.Contain($"; rank 1 calls {text} ("));
        }
    }

    [Test]
    public void The_way_must_be_the_same_too([Values] bool segments)
    {
        string[] sentences = Run(2, onNode: false, (communicator, rank) =>
            communicator.AllReduce<float>(new float[100], ReduceOp.Sum, new() { Algorithm = segments || rank == 0 ? "ring" : "recursive-doubling", SegmentBytes = segments && rank == 1 ? 64 : 1024 }));
        Assert.That(sentences, Is.All.EqualTo(sentences[0]));
        Assert.That(sentences[0], Does.Contain("('ring' by in-process, segments of 1024 bytes, in f32)")
            .And.Contain(segments ? "('ring' by in-process, segments of 64 bytes, in f32)" : "('recursive-doubling' by in-process, segments of 1024 bytes, in f32)"));
    }

    [Test]
    public void Calls_that_agree_give_their_results([Values] bool onNode, [Values(2, 4)] int ranks, [Values(null, 7)] int? mischief)
    {
        string[] sentences = Run(ranks, onNode, (communicator, rank) =>
        {
            const int Operations = 20;
            var memory = new int[Operations * 1000];
            fixed (int* start = memory)
            {
                var requests = new CollectiveRequest[Operations];
                for (int k = 0; k < Operations; k++)
                {
                    new Span<int>(start + (1000 * k), 1000).Fill((rank + 1) * (k + 1));
                    requests[k] = communicator.AllReduceAsync(start + (1000 * k), k % 2 == 0 ? 10 : 1000, ElementType.I32, ReduceOp.Sum);
                }

                new Random(rank).Shuffle(requests);
                foreach (CollectiveRequest request in requests)
                    request.Wait();
                for (int k = 0; k < Operations; k++)
                    Assert.That(start[1000 * k], Is.EqualTo((k + 1) * ranks * (ranks + 1) / 2));
            }
        }, mischief);
        Assert.That(sentences, Is.All.Empty);
    }

    [Test]
    public void A_rank_that_does_not_come_to_the_check_is_named()
    {
        string[] sentences = Run(2, onNode: false, (communicator, rank) =>
        {
            if (rank == 0)
                communicator.Barrier();
        }, options: s_options with { StallTimeout = TimeSpan.FromSeconds(0.3) });
        Assert.That(sentences[0], Does.Contain("made no progress for 0.3 s before barrier (call 1 of the communicator): check: waits for rank 1 to say what").And.EndsWith("The cause: rank 1 does not answer: it has not called barrier #1, or does not move it on."));
    }

    private static string[] Run(int ranks, bool onNode, Action<CollectiveCommunicator, int> body, int? mischief = null, CommunicatorOptions? options = null)
    {
        var sentences = new string[ranks];
        var fabric = new InProcessFabric(ranks, new() { IsOneNode = onNode, MischiefSeed = mischief });
        RankThreads.Run(ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], options ?? s_options);
            try
            {
                body(communicator, rank);
                sentences[rank] = "";
            }
            catch (ScheduleException error)
            {
                sentences[rank] = error.Message;
            }
        });
        return sentences;
    }
}
