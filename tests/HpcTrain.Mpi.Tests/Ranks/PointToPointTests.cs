using System.Runtime.InteropServices;
using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

/// <summary>Point-to-point messages, by every way through the binding (<see cref="Ways"/>).</summary>
public unsafe class PointToPointTests
{
    [RankTest(2, 3)]
    public void A_message_arrives_whole_from_managed_memory_to_managed_memory(Intracommunicator world) => Ways.Each(world, () =>
    {
        // Each rank sends to the next one, lengths 0, 1, odd, and beyond the eager limits of both libraries.
        foreach (var length in new[] { 0, 1, 7, 1000, 300_001 })
        {
            var (next, previous) = Neighbours(world);
            var incoming = new double[length];
            var status = world.SendReceive<double>(Pattern(world.Rank, length), next, incoming, previous, tag: length % 100);
            Assert.That((status.Source, status.Tag, status.Count<double>()), Is.EqualTo((previous, length % 100, (long)length)));
            Assert.That(incoming.AsSpan().SequenceEqual(Pattern(previous, length)), Is.True, $"length {length}");
        }
    });

    [RankTest(2)]
    public void A_shorter_message_leaves_the_rest_of_the_buffer_alone(Intracommunicator world) => Ways.Each(world, () =>
    {
        if (world.Rank == 0)
        {
            world.Send<long>([1, 2, 3], 1, 9);
            return;
        }

        long[] buffer = [-1, -1, -1, -1, -1];
        Assert.That(world.Receive(buffer.AsSpan(), 0, 9).Count<long>(), Is.EqualTo(3));
        Assert.That(buffer, Is.EqualTo(new long[] { 1, 2, 3, -1, -1 }));
    });

    [RankTest(3)]
    public void Any_source_and_any_tag_say_what_they_matched(Intracommunicator world) => Ways.Each(world, () =>
    {
        if (world.Rank != 0)
        {
            world.Send(world.Rank * 10, 0, tag: 40 + world.Rank);
            return;
        }

        var seen = new List<(int, int, int)>();
        for (var i = 1; i < world.Size; i++)
        {
            int value;
            var status = world.Receive(&value, 1, MpiDatatype.Int32, Communicator.AnySource, Communicator.AnyTag);
            seen.Add((status.Source, status.Tag, value));
        }

        Assert.That(seen, Is.EquivalentTo(new[] { (1, 41, 10), (2, 42, 20) }));
    });

    [RankTest(2)]
    public void Messages_with_the_same_tag_do_not_overtake_each_other(Intracommunicator world) => Ways.Each(world, () =>
    {
        const int messages = 200;
        for (var i = 0; i < messages; i++)
        {
            if (world.Rank == 0)
                world.Send(i, 1, tag: 5);
            else
                Assert.That(world.Receive<int>(0, tag: 5), Is.EqualTo(i));
        }
    });

    [RankTest(2)]
    public void Tags_choose_among_waiting_messages(Intracommunicator world) => Ways.Each(world, () =>
    {
        if (world.Rank == 0)
        {
            world.Send('a', 1, tag: 1);
            world.Send('b', 1, tag: 2);
        }
        else
        {
            Assert.That(world.Receive<char>(0, tag: 2), Is.EqualTo('b'));
            Assert.That(world.Receive<char>(0, tag: 1), Is.EqualTo('a'));
        }
    });

    [RankTest(2)]
    public void Types_that_mpi_does_not_know_travel_as_bytes(Intracommunicator world) => Ways.Each(world, () =>
    {
        (Half A, Guid B)[] values = [((Half)1.5f, new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)), ((Half)(-2f), Guid.Empty)];
        if (world.Rank == 0)
        {
            world.Send<(Half, Guid)>(values, 1, 0);
            return;
        }

        var received = new (Half, Guid)[3];
        Assert.That(world.Receive(received.AsSpan(), 0, 0).Count<(Half, Guid)>(), Is.EqualTo(2));
        Assert.That(received.Take(2), Is.EqualTo(values));
    });

    [RankTest(2)]
    public void A_probe_tells_the_length_before_the_receive(Intracommunicator world) => Ways.Each(world, () =>
    {
        if (world.Rank == 0)
        {
            Assert.That(world.ImmediateProbe(1, 77, out _), Is.False, "nobody sends this");
            world.Send<ushort>([7, 8, 9], 1, 3);
            return;
        }

        var status = world.Probe(Communicator.AnySource, Communicator.AnyTag);
        Assert.That((status.Source, status.Tag, status.Count<ushort>(), status.Count(MpiDatatype.Byte)), Is.EqualTo((0, 3, 3L, 6L)));
        Assert.That(world.ImmediateProbe(0, 3, out var again), Is.True);
        var values = new ushort[again.Count<ushort>()];
        world.Receive(values.AsSpan(), status.Source, status.Tag);
        Assert.That(values, Is.EqualTo(new ushort[] { 7, 8, 9 }));
    });

    [RankTest(2)]
    public void Counting_in_the_wrong_type_is_refused(Intracommunicator world) => Ways.Each(world, () =>
    {
        if (world.Rank == 0)
        {
            world.Send<byte>([1, 2, 3], 1, 0);
            return;
        }

        var buffer = new byte[8];
        var status = world.Receive(buffer.AsSpan(), 0, 0);
        Assert.That(() => status.Count(MpiDatatype.Int16), Throws.TypeOf<MpiException>().With.Message.Contains("whole number of Int16"));
    });

    [RankTest(2)]
    public void Communicators_keep_their_messages_apart(Intracommunicator world) => Ways.Each(world, () =>
    {
        using var other = world.Duplicate();
        if (world.Rank == 0)
        {
            world.Send(1, 1, tag: 0);
            other.Send(2, 1, tag: 0);
        }
        else
        {
            Assert.That(other.Receive<int>(0, tag: 0), Is.EqualTo(2));
            Assert.That(world.Receive<int>(0, tag: 0), Is.EqualTo(1));
        }
    });

    [RankTest(2)]
    public void Requests_complete_by_wait_and_by_test(Intracommunicator world) => Ways.Each(world, () =>
    {
        const int count = 100_000;
        var peer = 1 - world.Rank;
        var memory = (int*)NativeMemory.Alloc(2 * count, sizeof(int));
        new Span<int>(memory, count).Fill(world.Rank + 1);
        var receive = world.ImmediateReceive(memory + count, count, MpiDatatype.Int32, peer, 0);
        var send = world.ImmediateSend(memory, count, MpiDatatype.Int32, peer, 0);
        Assert.That(receive.IsEmpty, Is.False);
        var status = receive.Wait();
        Assert.That((status.Source, status.Count<int>()), Is.EqualTo((peer, (long)count)));
        Assert.That(receive.IsEmpty, Is.True);
        while (!send.Test())
            Thread.Yield();
        Assert.That(send.IsEmpty, Is.True);
        Assert.That(new Span<int>(memory + count, count).IndexOfAnyExcept(peer + 1), Is.EqualTo(-1));

        // An empty request is complete, and stays so.
        Assert.That(receive.Test(), Is.True);
        receive.Wait();
        NativeMemory.Free(memory);
    });

    [RankTest(2)]
    public void A_synchronous_send_is_complete_only_once_its_receive_has_begun(Intracommunicator world) => Ways.Each(world, () =>
    {
        int value = world.Rank;
        if (world.Rank == 0)
        {
            // Rank 1 receives it only after the answer to what comes next.
            var send = world.ImmediateSynchronousSend(&value, 1, MpiDatatype.Int32, 1, 0);
            world.Send(1, 1, tag: 1);
            Assert.That(send.Test(), Is.False);
            world.Send(2, 1, tag: 2);
            send.Wait();
        }
        else
        {
            Assert.That(world.Receive<int>(0, tag: 1), Is.EqualTo(1));
            Assert.That(world.Receive<int>(0, tag: 2), Is.EqualTo(2));
            Assert.That(world.Receive<int>(0, tag: 0), Is.Zero);
        }
    });

    [RankTest(2)]
    public void A_receive_that_nobody_answers_can_be_cancelled(Intracommunicator world) => Ways.Each(world, () =>
    {
        int value;
        var request = world.ImmediateReceive(&value, 1, MpiDatatype.Int32, 1 - world.Rank, 0);
        request.Cancel();
        Assert.That(request.Wait().IsCancelled, Is.True);
    });

    [RankTest(2)]
    public void Managed_memory_stays_in_place_while_a_receive_waits(Intracommunicator world) => Ways.Each(world, () =>
    {
        const int rounds = 20;
        for (var round = 0; round < rounds; round++)
        {
            if (world.Rank == 0)
            {
                Thread.Sleep(2);
                world.Send<int>(Enumerable.Repeat(round, 1000).ToArray(), 1, 0);
                continue;
            }

            // Young arrays among garbage: a compacting collection during the receive would move them.
            var arrays = Enumerable.Range(0, 100).Select(_ => new int[1000]).ToArray();
            using var stop = new CancellationTokenSource();
            var collector = Task.Run(() =>
            {
                while (!stop.IsCancellationRequested)
                    GC.Collect(0, GCCollectionMode.Forced, blocking: true, compacting: true);
            });
            var target = new int[1000];
            arrays = null;
            world.Receive(target.AsSpan(), 0, 0);
            stop.Cancel();
            collector.Wait();
            Assert.That(target.AsSpan().IndexOfAnyExcept(round), Is.EqualTo(-1));
            GC.KeepAlive(arrays);
        }
    });

    private static (int Next, int Previous) Neighbours(Intracommunicator world) =>
        ((world.Rank + 1) % world.Size, (world.Rank + world.Size - 1) % world.Size);

    private static double[] Pattern(int rank, int length) =>
        [.. Enumerable.Range(0, length).Select(i => rank + (i / 1024.0))];
}
