using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>What the executor promises beyond right results: pipelining, weights, several operations at a time, no allocation, clear faults.</summary>
[TestFixture]
public sealed unsafe class ExecutorTests
{
    private static readonly CommunicatorOptions s_patient = new() { StallTimeout = TimeSpan.FromSeconds(30) };
    private static readonly CommunicatorOptions s_impatient = new() { StallTimeout = TimeSpan.FromSeconds(0.2) };

    [Test]
    public void A_chain_passes_segments_on_while_more_arrive()
    {
        // The middle of a three-rank chain, with a transport that completes everything at once and one segment in flight.
        var transport = new ScriptedTransport(rank: 1, size: 3);
        using var executor = new ScheduleExecutor(Chain(3), transport, count: 64, ElementType.F32, segmentBytes: 64, segmentsInFlight: 1);
        var data = stackalloc float[64];
        executor.Run(data, ReduceOp.Sum, tagBase: 0, TimeSpan.FromSeconds(10));
        Assert.That(transport.Posts.Count(post => post == "receive"), Is.EqualTo(4));
        Assert.That(transport.Posts.IndexOf("send"), Is.LessThan(transport.Posts.LastIndexOf("receive")), string.Join(" ", transport.Posts));
    }

    [TestCase(64, 4, ExpectedResult = 0)]
    [TestCase(65, 4, ExpectedResult = 5)]
    [TestCase(64, 1, ExpectedResult = 4)]
    public int Messages_of_more_than_the_window_count_as_a_stream(int count, int segmentsInFlight)
    {
        var transport = new ScriptedTransport(rank: 1, size: 3);
        using var executor = new ScheduleExecutor(Chain(3), transport, count, ElementType.F32, segmentBytes: 64, segmentsInFlight);
        var data = stackalloc float[count];
        executor.Run(data, ReduceOp.Sum, tagBase: 0, TimeSpan.FromSeconds(10));
        return transport.StreamedSends;
    }

    [Test]
    public void A_long_chain_delivers_every_segment([Values(2, 3, 5)] int ranks, [Values(1, 3, 8)] int segmentsInFlight)
    {
        const int Count = 5003;
        var fabric = new InProcessFabric(ranks, new() { MischiefSeed = segmentsInFlight });
        RankThreads.Run(ranks, rank =>
        {
            int[] buffer = rank == 0 ? [.. Enumerable.Range(7, Count)] : new int[Count];
            using var executor = new ScheduleExecutor(Chain(ranks), fabric[rank], Count, ElementType.I32, segmentBytes: 512, segmentsInFlight);
            fixed (int* data = buffer)
                executor.Run(data, ReduceOp.Sum, tagBase: 0, s_patient.StallTimeout);
            Assert.That(buffer, Is.EqualTo(Enumerable.Range(7, Count)));
        });
    }

    [Test]
    public void Two_trees_share_the_buffer_by_their_weights()
    {
        const int Ranks = 4;
        Schedule trees = TwoWeightedTrees();
        var fabric = new InProcessFabric(Ranks, new() { MischiefSeed = 5 });
        RankThreads.Run(Ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], s_patient);
            var buffer = new long[1001];
            Array.Fill(buffer, 1L << rank);
            CollectiveResult result = communicator.AllReduce<long>(buffer, ReduceOp.Sum, new() { Schedule = trees, SegmentBytes = 256 });
            Assert.That(result.Algorithm, Is.EqualTo("two-trees"));
            Assert.That(buffer, Is.All.EqualTo(15));
        });
    }

    [Test]
    public void A_wrong_schedule_is_refused_before_it_runs()
    {
        Schedule wrong = new(CollectiveKind.AllReduce, "nothing", 2, Schedule.EqualChunks(1), _ => RankProgram.Empty);
        using var communicator = new CollectiveCommunicator(new InProcessFabric(2)[0], s_patient);
        Assert.That(() => communicator.AllReduce<int>(new int[3], ReduceOp.Sum, new() { Schedule = wrong }),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("lacking the contribution of rank 1"));
        Assert.That(() => communicator.AllReduce<int>(new int[3], ReduceOp.Sum, new() { Schedule = TestAlgorithms.Create("ring", 3) }),
            Throws.TypeOf<ScheduleException>().With.Message.EqualTo("Schedule 'ring' is for 3 ranks, but there are 2; make one for 2."));
        Assert.That(() => communicator.AllReduce<int>(new int[3], ReduceOp.Sum, new() { Schedule = Chain(2) }),
            Throws.TypeOf<ScheduleException>().With.Message.EqualTo("Schedule 'chain' is for broadcast, but the call is allreduce."));
        Assert.That(() => communicator.AllReduce<int>(new int[3], ReduceOp.Sum, new() { Algorithm = "star" }),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("the valid ones are"));
        Assert.That(() => communicator.AllReduce<int>(new int[3], ReduceOp.Sum, new() { SegmentBytes = -1 }),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("needs to be at least 1"));
    }

    [Test]
    public void More_operations_than_tags_are_kept_in_step()
    {
        const int Ranks = 3, Operations = 700;
        var fabric = new InProcessFabric(Ranks);
        RankThreads.Run(Ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], s_patient);
            using CollectiveBuffer<int> buffer = communicator.Allocate<int>(Operations);
            for (int k = 0; k < Operations; k++)
                buffer.Span[k] = k * (rank + 1);
            var requests = new CollectiveRequest[Operations];
            for (int k = 0; k < Operations; k++)
                requests[k] = communicator.AllReduceAsync(buffer.Pointer + k, 1, ElementType.I32, ReduceOp.Sum);
            for (int k = Operations - 1; k >= 0; k--)
                requests[k].Wait();
            Assert.That(buffer.Span.ToArray(), Is.EqualTo(Enumerable.Range(0, Operations).Select(k => k * 6)));
        });
    }

    [Test]
    public void Test_moves_an_operation_to_its_end()
    {
        var fabric = new InProcessFabric(2);
        RankThreads.Run(2, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], s_patient);
            using CollectiveBuffer<double> buffer = communicator.Allocate<double>(1000);
            buffer.Span.Fill(rank + 1);
            CollectiveRequest request = communicator.AllReduceAsync(buffer.Pointer, buffer.Count, ElementType.F64, ReduceOp.Prod);
            SpinWait.SpinUntil(() => request.Test(), TimeSpan.FromSeconds(30));
            Assert.That(request.IsDone, Is.True);
            Assert.That(buffer.Span.ToArray(), Is.All.EqualTo(2));
            Assert.That(request.Wait().Algorithm, Is.EqualTo("recursive-doubling"), "a finished request keeps its result");
        });
    }

    [Test]
    public void Nothing_is_allocated_after_the_first_call_of_a_shape([Values(2, 4)] int ranks)
    {
        var fabric = new InProcessFabric(ranks);
        CollectiveOptions[] options = [.. AlgorithmCatalog.Names(CollectiveKind.AllReduce).Select(name => new CollectiveOptions { Algorithm = name, SegmentBytes = 1024 })];
        RankThreads.Run(ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], s_patient);
            var buffer = new float[4000];
            var halves = new Half[999];
            void Round()
            {
                foreach (CollectiveOptions how in options)
                {
                    communicator.AllReduce<float>(buffer, ReduceOp.Avg, how);
                    communicator.AllReduce<Half>(halves, ReduceOp.Sum, how);
                }
            }

            Round();
            Round();
            Assert.That(Allocation.LeastOf(windows: 3, () =>
            {
                for (int round = 0; round < 4; round++)
                    Round();
            }), Is.Zero);
        });
    }

    [Test]
    public void Many_shapes_do_not_pile_up()
    {
        var fabric = new InProcessFabric(1);
        using var communicator = new CollectiveCommunicator(fabric[0], s_patient);
        for (int count = 0; count < 1000; count++)
        {
            var buffer = new float[count];
            Array.Fill(buffer, count);
            communicator.AllReduce<float>(buffer, ReduceOp.Avg);
            Assert.That(buffer, Is.All.EqualTo(count));
        }
    }

    [Test]
    public void A_rank_that_does_not_come_is_named()
    {
        using var communicator = new CollectiveCommunicator(new InProcessFabric(2)[0], s_impatient);
        var buffer = new float[10];
        ScheduleException? error = Assert.Throws<ScheduleException>(() => communicator.AllReduce<float>(buffer, ReduceOp.Sum, new() { Algorithm = "ring" }));
        Assert.That(error!.Message, Does.StartWith("Rank 0 made no progress for 0.2 s in allreduce 'ring' of 10 f32: ")
            .And.Contain("lane 0, instruction 0 (send data[0] to 1) waits for rank 1")
            .And.Contain("lane 1, instruction 0 (recv-reduce data[1] from 1) waits for rank 1")
            .And.Contain(CommunicatorOptions.StallTimeoutVariable));
        Assert.That((error.Rank, error.Lane, error.Instruction), Is.EqualTo((0, 0, 0)));
        Assert.That(() => communicator.AllReduce<float>(buffer), Throws.TypeOf<ScheduleException>().With.Message.StartsWith("Rank 0 cannot use the communicator any more"));
    }

    [Test]
    public void Different_counts_are_noticed()
    {
        var fabric = new InProcessFabric(2);
        var errors = new ScheduleException?[2];
        RankThreads.Run(2, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], s_impatient);
            errors[rank] = Assert.Throws<ScheduleException>(() => communicator.AllReduce<int>(new int[10 + rank], ReduceOp.Sum, new() { Algorithm = "recursive-doubling" }));
        });
        Assert.That(errors.Select(error => error!.Message), Has.Some.Contains("bytes from rank").And.Some.Contains("all ranks must call the same collectives"));
    }

    private static Schedule Chain(int ranks) =>
        new(CollectiveKind.Broadcast, "chain", ranks, Schedule.EqualChunks(1), rank =>
        {
            var program = new ProgramBuilder();
            LaneBuilder lane = program.Lane();
            if (rank > 0)
                lane.Recv(rank - 1, BufferId.Data, 0);
            if (rank < ranks - 1)
                lane.Send(rank + 1, BufferId.Data, 0);
            return program.Build();
        }, root: 0);

    /// <summary>Allreduce up and down two chains over four ranks, 0-1-2-3 and 2-0-3-1, which carry 5/7 and 2/7 of the buffer on channels of their own.</summary>
    private static Schedule TwoWeightedTrees()
    {
        int[][] paths = [[0, 1, 2, 3], [2, 0, 3, 1]];
        return new(CollectiveKind.AllReduce, "two-trees", 4, [new(5), new(2)], rank =>
        {
            var program = new ProgramBuilder();
            for (int tree = 0; tree < paths.Length; tree++)
            {
                int at = Array.IndexOf(paths[tree], rank);
                LaneBuilder lane = program.Lane(channel: tree);
                if (at > 0)
                    lane.RecvReduce(paths[tree][at - 1], BufferId.Data, tree);
                if (at < 3)
                {
                    lane.Send(paths[tree][at + 1], BufferId.Data, tree);
                    lane.Recv(paths[tree][at + 1], BufferId.Data, tree);
                }

                if (at > 0)
                    lane.Send(paths[tree][at - 1], BufferId.Data, tree);
            }

            return program.Build();
        });
    }

    /// <summary>A transport without peers: every message is done as soon as it is posted, and the order of posts is kept.</summary>
    private sealed class ScriptedTransport(int rank, int size) : Transport
    {
        public List<string> Posts { get; } = [];

        public int StreamedSends { get; private set; }

        public override string Name => "scripted";

        public override int Rank => rank;

        public override int Size => size;

        public override int MaxTag => short.MaxValue;

        public override void Reserve(int messages)
        {
        }

        public override int PostSend(void* data, long bytes, int peer, int tag, bool isStreamed)
        {
            Posts.Add("send");
            StreamedSends += isStreamed ? 1 : 0;
            return 0;
        }

        public override int PostReceive(void* data, long bytes, int peer, int tag)
        {
            Posts.Add("receive");
            return 0;
        }

        public override bool Test(int ticket) => true;

        public override bool Cancel(int ticket) => true;
    }
}
