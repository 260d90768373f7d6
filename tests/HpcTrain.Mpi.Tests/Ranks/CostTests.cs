using System.Runtime.InteropServices;
using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

/// <summary>What a call may cost beside the call: no managed memory at all.</summary>
public unsafe class CostTests
{
    private const int Rounds = 10;

    [RankTest(2)]
    public void No_call_allocates(Intracommunicator world)
    {
        using var requests = new RequestList(4);
        using var node = world.SplitShared();
        using var window = SharedWindow.Allocate(node, 64);
        var memory = (float*)NativeMemory.AllocZeroed(64, sizeof(float));
        var managed = new float[16];
        Ways.EachOrdinary(world, () =>
        {
            Round(world, requests, window, memory, managed);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Rounds; i++)
                Round(world, requests, window, memory, managed);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        });
        NativeMemory.Free(memory);
    }

    private static void Round(Intracommunicator world, RequestList requests, SharedWindow window, float* memory, float[] managed)
    {
        var peer = 1 - world.Rank;
        requests.Clear();
        requests.Add(world.ImmediateReceive(memory, 8, MpiDatatype.Float32, peer, 1));
        requests.Add(world.ImmediateReceive(memory + 8, 8, MpiDatatype.Float32, peer, 2));
        requests.Add(world.ImmediateSend(memory + 16, 8, MpiDatatype.Float32, peer, 1));
        requests.Add(world.ImmediateSend(memory + 24, 8, MpiDatatype.Float32, peer, 2));
        requests.TestSome();
        requests.TestAny(out _, out _);
        requests.WaitSome();
        requests.WaitAny(out _);
        requests.TestAll();
        requests.WaitAll();

        var receive = world.ImmediateReceive(memory, 1, MpiDatatype.Float32, peer, 3);
        var send = world.ImmediateSend(memory + 8, 1, MpiDatatype.Float32, peer, 3);
        while (!receive.Test())
        {
        }

        send.Wait();
        if (world.Rank == 0)
        {
            world.Send<float>(managed, peer, 4);
            world.Receive<float>(managed, peer, 5);
        }
        else
        {
            world.Probe(peer, 4);
            world.ImmediateProbe(peer, 4, out var status);
            _ = status.Count<float>();
            world.Receive<float>(managed, peer, 4);
            world.Send<float>(managed, peer, 5);
        }

        world.SendReceive(managed.AsSpan(0, 8), peer, managed.AsSpan(8), peer, 6);
        world.Barrier();
        world.Broadcast(managed.AsSpan(), 0);
        world.AllReduce(managed.AsSpan(), MpiOp.Max);
        world.AllGather<float>(managed.AsSpan(0, 4), managed.AsSpan(8, 8));
        world.ImmediateAllReduce(memory, memory, 8, MpiDatatype.Float32, MpiOp.Max).Wait();
        window.Sync();
        _ = window.Segment<int>(0)[0];
        _ = MpiEnvironment.Wtime;
    }
}
