using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Collectives.Tests.Execution;
using HpcTrain.Kernels;
using HpcTrain.Mpi;

namespace HpcTrain.Collectives.Tests.Diagnostics;

/// <summary>What ranks that wait in vain find out together, over threads: on one node they see what the silent one has recorded, by messages they do not.</summary>
public sealed unsafe class StallTests
{
    private static readonly CommunicatorOptions s_options = new() { StallTimeout = TimeSpan.FromSeconds(0.5) };

    [Test]
    public void The_rank_that_has_not_called_is_named_to_all([Values] bool onNode, [Values] bool isAsync)
    {
        ScheduleException?[] errors = Stall(3, onNode, (communicator, rank) =>
        {
            communicator.Broadcast<float>(new float[10], root: 0);
            if (rank != 2)
                AllReduce(communicator, 4096, isAsync);
        });
        Assert.That(errors[2], Is.Null);
        foreach (ScheduleException? error in errors[..2])
        {
            Assert.That(error!.IsStall, Is.True);
            Assert.That(error.ExitCode, Is.EqualTo(MpiExitCodes.Stalled));
            Assert.That(error.Message, Does.Contain("made no progress for").And.Contain(onNode
                ? "The cause: rank 2 has not called allreduce #2 (4096 f32, sum); its last was broadcast #1 (10 f32, root 0), done "
                : "The cause: rank 2 does not answer: it has not called allreduce #"));
        }
    }

    [Test]
    public void A_rank_that_waits_less_long_takes_part_and_is_not_left([Values] bool onNode)
    {
        // Rank 1 would wait for a minute; rank 0 gives up after half a second.
        var errors = new ScheduleException?[3];
        var fabric = new InProcessFabric(3, new() { IsOneNode = onNode });
        RankThreads.Run(3, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], rank == 0 ? s_options : new() { StallTimeout = TimeSpan.FromSeconds(59) });
            if (rank != 2)
                errors[rank] = Assert.Throws<ScheduleException>(() => communicator.Barrier());
        });
        Assert.That(errors[1]!.Message, Does.EndWith(errors[0]!.Message[errors[0]!.Message.IndexOf("The cause: rank 2 ", StringComparison.Ordinal)..]));
    }

    [Test]
    public void A_rank_that_polls_takes_part()
    {
        ScheduleException?[] errors = Stall(3, onNode: false, (communicator, rank) =>
        {
            float* memory = stackalloc float[8];
            if (rank == 0)
                AllReduce(communicator, 8, isAsync: false);
            if (rank != 1)
                return;
            CollectiveRequest request = communicator.AllReduceAsync(memory, 8, ElementType.F32, ReduceOp.Sum);
            while (!request.Test())
                Thread.Yield();
        });
        Assert.That(errors[1]!.Message, Does.Contain("The cause: rank 2 does not answer: it has not called allreduce #"));
    }

    [Test]
    public void A_call_that_differs_is_the_cause()
    {
        // Each waits for the other's data, for ever.
        ScheduleException?[] errors = Stall(2, onNode: false, (communicator, rank) => communicator.Broadcast<float>(new float[300], root: 1 - rank));
        foreach (ScheduleException? error in errors)
            Assert.That(error!.Message, Does.EndWith("The cause: rank 1 has called broadcast #1 (300 f32, root 0), where rank 0 has called broadcast #1 (300 f32, root 1)."));
    }

    [Test]
    public void What_failed_stays_in_the_recorder_with_what_it_waited_for([Values] bool onNode, [Values] bool isAsync) => Stall(2, onNode, (communicator, rank) =>
    {
        if (rank != 0)
            return;
        Assert.That(() => AllReduce(communicator, 100, isAsync), Throws.TypeOf<ScheduleException>());
        FlightEntry entry = communicator.Recorder.Entries.Single();
        Assert.That((entry.State, entry.Count), Is.EqualTo((FlightState.Failed, 100)));
        Assert.That(entry.Waits, Has.Some.Contains("waits for rank 1"));
        Assert.That(() => communicator.Barrier(), Throws.TypeOf<ScheduleException>().With.Property(nameof(ScheduleException.IsStall)).True.And.Message.Contains("cannot use the communicator any more"));
    });

    private static void AllReduce(CollectiveCommunicator communicator, int count, bool isAsync)
    {
        float[] buffer = new float[count];
        fixed (float* memory = buffer)
        {
            if (isAsync)
                communicator.AllReduceAsync(memory, count, ElementType.F32, ReduceOp.Sum).Wait();
            else
                communicator.AllReduce(memory, count, ElementType.F32);
        }
    }

    private static ScheduleException?[] Stall(int ranks, bool onNode, Action<CollectiveCommunicator, int> body)
    {
        var errors = new ScheduleException?[ranks];
        var fabric = new InProcessFabric(ranks, new() { IsOneNode = onNode });
        RankThreads.Run(ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], s_options);
            try
            {
                body(communicator, rank);
            }
            catch (ScheduleException error)
            {
                errors[rank] = error;
            }
        });
        return errors;
    }
}
