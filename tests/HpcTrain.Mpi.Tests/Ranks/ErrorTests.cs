using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

public unsafe class ErrorTests
{
    [RankTest(2)]
    public void An_error_names_the_call_the_rank_and_mpi_s_own_words(Intracommunicator world) => Ways.Each(world, () =>
    {
        var error = Assert.Throws<MpiException>(() => world.Send(1, destination: 99, tag: 0))!;
        Assert.That(error.Call, Is.EqualTo(YieldingWait.Needed ? "MPI_Isend" : "MPI_Send"));
        Assert.That((error.Rank, error.IsTruncation), Is.EqualTo((world.Rank, false)));
        Assert.That(error.Code, Is.Not.Zero);
        Assert.That(error.Message, Does.StartWith($"{error.Call} failed on rank {world.Rank} of 2: ").And.Contains("rank").And.Not.Contains("\n"));
    });

    [RankTest(2)]
    public void Wrong_tags_counts_and_roots_are_errors_and_not_ends(Intracommunicator world)
    {
        Assert.That(() => world.Send(1, world.Rank, tag: -5), Throws.TypeOf<MpiException>().With.Message.Contains("tag"));
        Assert.That(() => world.Send(null, -1, MpiDatatype.Byte, world.Rank, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => world.Broadcast(new int[1].AsSpan(), root: 5), Throws.TypeOf<MpiException>().With.Message.Contains("root"));
        Assert.That(() => world.Split(-3), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(world.AllReduce(1, MpiOp.Sum), Is.EqualTo(2), "the communicator still works");
    }

    [RankTest(2)]
    public void Operations_that_a_type_does_not_have_are_errors(Intracommunicator world)
    {
        Assert.That(() => world.AllReduce(1.0, MpiOp.BitwiseAnd), Throws.TypeOf<MpiException>());
        Assert.That(world.AllReduce(1, MpiOp.Sum), Is.EqualTo(2));
    }

    [RankTest(2)]
    public void A_message_too_long_for_its_buffer_is_a_truncation(Intracommunicator world) => Ways.Each(world, () =>
    {
        if (world.Rank == 0)
        {
            world.Send<int>([1, 2, 3], 1, 0);
            return;
        }

        int[] buffer = [-1, -1, -1, -1];
        var error = Assert.Throws<MpiException>(() => world.Receive(buffer.AsSpan(0, 2), 0, 0))!;
        Assert.That(error.IsTruncation, Is.True, error.Message);
        Assert.That(error.Message, Does.Contain("runcate"));
        Assert.That(buffer[2..], Is.EqualTo(new[] { -1, -1 }), "nothing is written behind the buffer");
    });

    [RankTest(2)]
    public void A_request_that_fails_in_a_list_is_named(Intracommunicator world)
    {
        int outgoing = 7, one, two, three;
        if (world.Rank == 0)
        {
            world.Send(outgoing, 1, tag: 0);
            world.Send<int>([1, 2, 3], 1, tag: 1);
            world.Send(outgoing, 1, tag: 2);
            return;
        }

        using var list = new RequestList(3);
        list.Add(world.ImmediateReceive(&one, 1, MpiDatatype.Int32, 0, 0));
        list.Add(world.ImmediateReceive(&two, 1, MpiDatatype.Int32, 0, 1));
        list.Add(world.ImmediateReceive(&three, 1, MpiDatatype.Int32, 0, 2));
        var error = Assert.Throws<MpiException>(list.WaitAll)!;
        Assert.That(error.IsTruncation, Is.True, error.Message);
        Assert.That(error.Message, Does.Contain("in request 1 of 3"));
    }

    [RankTest(2)]
    public void A_failed_collective_of_a_duplicate_leaves_the_process_alive(Intracommunicator world)
    {
        using var copy = world.Duplicate();
        using var half = copy.Split(0)!;
        foreach (var communicator in new[] { copy, half })
            Assert.That(() => communicator.Broadcast(new int[1].AsSpan(), root: -1), Throws.TypeOf<MpiException>());
    }

    [RankTest(2)]
    public void Receiving_one_value_from_an_empty_message_is_refused(Intracommunicator world)
    {
        if (world.Rank == 0)
            world.Send(ReadOnlySpan<long>.Empty, 1, 4);
        else
            Assert.That(() => world.Receive<long>(0, 4), Throws.TypeOf<MpiException>().With.Message.Contains("expected one Int64 from rank 0 with tag 4"));
    }

    [RankTest(2)]
    public void A_null_reference_is_an_exception_and_not_a_kill()
    {
        // UCX would catch the signal that .NET makes the exception from.
        string? text = MpiEnvironment.Current is null ? "" : null;
        Assert.That(() => text!.Length, Throws.TypeOf<NullReferenceException>());
    }
}
