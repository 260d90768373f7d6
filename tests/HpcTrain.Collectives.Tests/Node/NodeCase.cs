using System.Runtime.InteropServices;
using HpcTrain.Collectives.Tests.Execution;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Node;

/// <summary>One collective call with random contributions, made by each rank and held against what it must give.</summary>
internal sealed unsafe record NodeCase(CollectiveKind Collective, int Ranks, ElementType Type, ReduceOp Op, int Count, int Root, bool InPlace, int Seed)
{
    private bool Moves => Collective != CollectiveKind.Barrier;

    private int Size => Type.SizeInBytes();

    private int SourceBlocks => Collective is CollectiveKind.ReduceScatter or CollectiveKind.AllToAll or CollectiveKind.Scatter ? Ranks : 1;

    private int DestinationBlocks => Collective is CollectiveKind.AllGather or CollectiveKind.AllToAll or CollectiveKind.Gather ? Ranks : 1;

    /// <summary>Bytes that the call needs on a rank.</summary>
    public int BufferBytes => Math.Max(1, 2 * Ranks * Count * Size);

    /// <summary>Makes the call in a buffer of <see cref="BufferBytes"/> and checks the result.</summary>
    public CollectiveResult Run(CollectiveCommunicator communicator, byte* buffer, CollectiveOptions? options = null)
    {
        CollectiveCall call = Prepare(communicator.Rank, buffer);
        CollectiveResult result = communicator.Run(call, options);
        Check(communicator.Rank, call);
        return result;
    }

    /// <summary>Starts all of them, waits for them in an order that differs between ranks, and checks the results.</summary>
    public static void CompleteInAnyOrder(CollectiveCommunicator communicator, NodeCase[] tests)
    {
        byte*[] buffers = new byte*[tests.Length];
        var calls = new CollectiveCall[tests.Length];
        var requests = new CollectiveRequest[tests.Length];
        for (int i = 0; i < tests.Length; i++)
        {
            buffers[i] = (byte*)NativeMemory.AlignedAlloc((nuint)tests[i].BufferBytes, 64);
            calls[i] = tests[i].Prepare(communicator.Rank, buffers[i]);
        }

        for (int i = 0; i < tests.Length; i++)
            requests[i] = communicator.Start(calls[i]);
        int[] order = [.. Enumerable.Range(0, tests.Length)];
        new Random(communicator.Rank).Shuffle(order);
        foreach (int i in order)
        {
            requests[i].Wait();
            tests[i].Check(communicator.Rank, calls[i]);
        }

        foreach (byte* buffer in buffers)
            NativeMemory.AlignedFree(buffer);
    }

    /// <summary>Fills the buffer and describes the call.</summary>
    public CollectiveCall Prepare(int rank, byte* buffer)
    {
        long block = (long)Count * Size;
        byte* source = buffer, destination = buffer + (Ranks * block);
        if (InPlace)
        {
            bool ownOfDestination = DestinationBlocks > SourceBlocks, ownOfSource = SourceBlocks > DestinationBlocks;
            destination = buffer + (ownOfSource ? rank * block : 0);
            source = buffer + (ownOfDestination ? rank * block : 0);
        }

        new Span<byte>(buffer, BufferBytes).Fill(0xA5);
        if (Moves)
            Contribution(rank).CopyTo(new Span<byte>(source, BufferBytes));
        return Collective switch
        {
            CollectiveKind.AllReduce => CollectiveCall.AllReduce(source, destination, Count, Type, Op),
            CollectiveKind.ReduceScatter => CollectiveCall.ReduceScatter(source, destination, Count, Type, Op),
            CollectiveKind.AllGather => CollectiveCall.AllGather(source, destination, Count, Type),
            CollectiveKind.Reduce => CollectiveCall.Reduce(source, destination, Count, Type, Root, Op),
            CollectiveKind.Broadcast => CollectiveCall.Broadcast(source, Count, Type, Root),
            CollectiveKind.Gather => CollectiveCall.Gather(source, destination, Count, Type, Root),
            CollectiveKind.Scatter => CollectiveCall.Scatter(source, destination, Count, Type, Root),
            CollectiveKind.AllToAll => CollectiveCall.AllToAll(source, destination, Count, Type),
            _ => CollectiveCall.Barrier(),
        };
    }

    /// <summary>Holds what the call left against what it owes.</summary>
    public void Check(int rank, in CollectiveCall call)
    {
        byte[] result = call.Destination == null ? [] : new Span<byte>(call.Destination, DestinationBlocks * Count * Size).ToArray();
        byte[][] all = [.. Enumerable.Range(0, Ranks).Select(Contribution)];
        switch (Collective)
        {
            case CollectiveKind.AllReduce:
                CheckReduction(all, result);
                break;
            case CollectiveKind.Reduce when rank == Root:
                CheckReduction(all, result);
                break;
            case CollectiveKind.ReduceScatter:
                CheckReduction([.. all.Select(bytes => Block(bytes, rank))], result);
                break;
            case CollectiveKind.Broadcast:
                CheckBytes(result, all[Root]);
                break;
            case CollectiveKind.Scatter:
                CheckBytes(result, Block(all[Root], rank));
                break;
            case CollectiveKind.AllGather:
            case CollectiveKind.Gather when rank == Root:
                CheckBytes(result, [.. all.SelectMany(bytes => bytes)]);
                break;
            case CollectiveKind.AllToAll:
                CheckBytes(result, [.. all.SelectMany(bytes => Block(bytes, rank))]);
                break;
        }

        // A contribution that is not worked on in place is as it was; so is a destination without a result.
        if (!InPlace && Moves && Collective != CollectiveKind.Broadcast)
            CheckBytes(new Span<byte>(call.Source, all[rank].Length).ToArray(), all[rank]);
        if (!InPlace && Collective is CollectiveKind.Reduce or CollectiveKind.Gather && rank != Root)
            Assert.That(result, Is.All.EqualTo(0xA5), $"{this}: rank {rank} has no result");
    }

    private byte[] Contribution(int rank) => ReferenceReduction.Contribution(Type, SourceBlocks * Count, (Seed * 131) + rank);

    private byte[] Block(byte[] bytes, int rank) => bytes[(rank * Count * Size)..((rank + 1) * Count * Size)];

    private void CheckReduction(byte[][] contributions, byte[] result)
    {
        for (int i = 0; i < Count; i += Math.Max(1, Count / 200))
            ReferenceReduction.Check(Type, Op, contributions, result, i, ToString());
        if (Count > 0)
            ReferenceReduction.Check(Type, Op, contributions, result, Count - 1, ToString());
    }

    private void CheckBytes(byte[] result, byte[] expected) =>
        Assert.That(result.AsSpan().SequenceEqual(expected), Is.True, $"{this}: first difference at byte {result.AsSpan().CommonPrefixLength(expected)}");
}
