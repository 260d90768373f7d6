using System.Runtime.InteropServices;
using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

public unsafe class RequestListTests
{
    private const int Messages = 5;

    [RankTest(2)]
    public void Wait_all_completes_all_and_tells_each_status(Intracommunicator world) => Ways.Each(world, () =>
    {
        using var exchange = new Exchange(world);
        exchange.Requests.WaitAll();
        exchange.CheckAllEmpty();
        for (var i = 0; i < Messages; i++)
        {
            var status = exchange.Requests.StatusAt(i);
            Assert.That((status.Source, status.Tag, status.Count<int>()), Is.EqualTo((1 - world.Rank, i, (long)i)));
        }

        exchange.CheckData();
    });

    [RankTest(2)]
    public void Test_all_is_true_once_and_only_when_all_are_complete(Intracommunicator world)
    {
        using var exchange = new Exchange(world, sendLast: false);
        for (var i = 0; i < 100; i++)
            Assert.That(exchange.Requests.TestAll(), Is.False);
        exchange.SendLast();
        while (!exchange.Requests.TestAll())
            Thread.Yield();
        exchange.CheckAllEmpty();
        exchange.CheckData();
    }

    [RankTest(2)]
    public void Wait_any_hands_out_every_slot_once(Intracommunicator world) => Ways.Each(world, () =>
    {
        using var exchange = new Exchange(world);
        var slots = new List<int>();
        while (exchange.Requests.WaitAny(out var status) is var slot and >= 0)
        {
            slots.Add(slot);
            if (slot < Messages)
                Assert.That((status.Tag, status.Count<int>()), Is.EqualTo((slot, (long)slot)));
        }

        Assert.That(slots, Is.EquivalentTo(Enumerable.Range(0, exchange.Requests.Count)));
        exchange.CheckData();
    });

    [RankTest(2)]
    public void Test_any_finds_what_is_complete_and_nothing_else(Intracommunicator world)
    {
        using var exchange = new Exchange(world, sendLast: false);
        var slots = new HashSet<int>();
        while (slots.Count < exchange.Requests.Count - 1)
        {
            if (exchange.Requests.TestAny(out var slot, out _))
                Assert.That(slots.Add(slot), Is.True);
            else
                Assert.That(slot, Is.EqualTo(-1));
        }

        Assert.That(slots, Does.Not.Contain(Messages - 1));
        Assert.That(exchange.Requests.TestAny(out _, out _), Is.False, "the last message is not sent yet");
        exchange.SendLast();
        Assert.That(exchange.Requests.WaitAny(out _), Is.EqualTo(Messages - 1));
        Assert.That(exchange.Requests.TestAny(out var none, out _), Is.True, "all slots are empty");
        Assert.That(none, Is.EqualTo(-1));
        exchange.CheckData();
    }

    [RankTest(2)]
    public void Wait_some_and_test_some_tell_slots_and_statuses(Intracommunicator world) => Ways.Each(world, () =>
    {
        using var exchange = new Exchange(world);
        var slots = new List<int>();
        for (var turn = 0; ; turn++)
        {
            var completed = turn % 2 == 0 ? exchange.Requests.WaitSome() : exchange.Requests.TestSome();
            if (completed.IsEmpty && turn % 2 == 0)
                break;
            for (var i = 0; i < completed.Length; i++)
            {
                slots.Add(completed[i]);
                if (completed[i] < Messages)
                    Assert.That(exchange.Requests.StatusAt(i).Tag, Is.EqualTo(completed[i]));
            }
        }

        Assert.That(slots, Is.EquivalentTo(Enumerable.Range(0, exchange.Requests.Count)));
        exchange.CheckData();
    });

    [RankTest(2)]
    public void Slots_are_used_again(Intracommunicator world)
    {
        using var list = new RequestList(2);
        var peer = 1 - world.Rank;
        int outgoing = 0, incoming = -1;
        list.Add(default);
        list.Add(default);
        Assert.That(list.TestAll(), Is.True, "empty slots are complete");
        for (outgoing = 0; outgoing < 100; outgoing++)
        {
            list[0] = world.ImmediateReceive(&incoming, 1, MpiDatatype.Int32, peer, 0);
            list[1] = world.ImmediateSend(&outgoing, 1, MpiDatatype.Int32, peer, 0);
            Assert.That(list[0].IsEmpty, Is.False);
            list.WaitAll();
            Assert.That(incoming, Is.EqualTo(outgoing));
        }
    }

    [RankTest(1)]
    public void A_list_guards_its_bounds()
    {
        var list = new RequestList(1);
        Assert.That((list.Capacity, list.Count), Is.EqualTo((1, 0)));
        Assert.That(() => list[0], Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(list.Add(default), Is.Zero);
        Assert.That(() => list.Add(default), Throws.InvalidOperationException.With.Message.Contains("full (1 slots)"));
        Assert.That(() => list.StatusAt(1), Throws.TypeOf<ArgumentOutOfRangeException>());
        list.Clear();
        Assert.That(list.Count, Is.Zero);
        Assert.That(list.WaitAny(out _), Is.EqualTo(-1));
        Assert.That(list.WaitSome().IsEmpty, Is.True);
        list.Dispose();
        list.Dispose();
        list.WaitAll();
        Assert.That(() => list.Add(default), Throws.InvalidOperationException);
    }

    /// <summary>
    /// Receives of 0, 1, 2, ... numbers with tags 0, 1, 2, ... from the other rank in the first slots, and the sends that answer
    /// the other rank's in the slots after them.
    /// </summary>
    private sealed class Exchange : IDisposable
    {
        private readonly Intracommunicator _world;
        private readonly int* _memory = (int*)NativeMemory.AllocZeroed(2 * Messages * Messages, sizeof(int));

        public Exchange(Intracommunicator world, bool sendLast = true)
        {
            _world = world;
            Requests = new RequestList(2 * Messages);
            for (var i = 0; i < Messages; i++)
                Requests.Add(world.ImmediateReceive(Incoming(i), Messages, MpiDatatype.Int32, 1 - world.Rank, i));
            for (var i = 0; i < (sendLast ? Messages : Messages - 1); i++)
                Requests.Add(Send(i));
            world.Barrier();
        }

        public RequestList Requests { get; }

        /// <summary>Sends what the other rank's last receive waits for, after it has had time to complete too early.</summary>
        public void SendLast()
        {
            _world.Barrier();
            Send(Messages - 1).Wait();
        }

        public void CheckAllEmpty()
        {
            for (var slot = 0; slot < Requests.Count; slot++)
                Assert.That(Requests[slot].IsEmpty, Is.True, $"slot {slot}");
        }

        public void CheckData()
        {
            for (var i = 0; i < Messages; i++)
                Assert.That(new Span<int>(Incoming(i), i).ToArray(), Is.All.EqualTo(((1 - _world.Rank) * 100) + i));
        }

        public void Dispose()
        {
            Requests.Dispose();
            NativeMemory.Free(_memory);
        }

        private Request Send(int i)
        {
            var data = _memory + ((Messages + i) * Messages);
            new Span<int>(data, i).Fill((_world.Rank * 100) + i);
            return _world.ImmediateSend(data, i, MpiDatatype.Int32, 1 - _world.Rank, i);
        }

        private int* Incoming(int i) => _memory + (i * Messages);
    }
}
