using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>
/// One run of a collective, held against what each rank has to end with. The reference knows what collectives mean, and nothing of schedules.
/// </summary>
internal sealed unsafe record CollectiveCase(CollectiveKind Collective, string Algorithm, int Ranks, int Root, int Count, ElementType Type, bool InPlace, int Seed)
{
    // Sentinels around every buffer show who writes beyond it.
    private const int Guard = 64;
    private const byte Sentinel = 0xA5;

    private static readonly CommunicatorOptions s_options = new() { StallTimeout = TimeSpan.FromSeconds(20) };

    /// <summary>The schedule to run instead of the algorithm's.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>The longest message; 0 for the default.</summary>
    public int SegmentBytes { get; init; }

    private int Size => Type.SizeInBytes();

    /// <summary>Runs it over in-process ranks that delay and reorder what they may, and checks every rank.</summary>
    public void Check()
    {
        var fabric = new InProcessFabric(Ranks, new() { MischiefSeed = Seed });
        RankThreads.Run(Ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], s_options);
            CheckRank(communicator);
        });
    }

    /// <summary>Runs and checks one rank.</summary>
    public void CheckRank(CollectiveCommunicator communicator)
    {
        int rank = communicator.Rank;
        long[] contribution = Contribution(rank);
        long[] expected = Expected(rank);
        byte[] input = Guarded(contribution.Length), output = Guarded(expected.Length);
        int inputAt = 0, outputAt = 0;
        bool sharesMemory = Collective == CollectiveKind.Broadcast || (InPlace && contribution.Length > 0 && expected.Length > 0);
        if (sharesMemory)
        {
            // The shorter one is this rank's block inside the longer one.
            if (contribution.Length < expected.Length)
                (input, inputAt) = (output, Collective == CollectiveKind.Broadcast ? 0 : rank * Count);
            else if (expected.Length < contribution.Length)
                (output, outputAt) = (input, rank * Count);
            else
                output = input;
        }

        Write(input, inputAt, contribution);
        fixed (byte* source = input, destination = output)
        {
            CollectiveCall call = Call(source + Guard + (inputAt * Size), destination + Guard + (outputAt * Size));
            CollectiveResult result = communicator.Run(call, new() { Algorithm = Algorithm, Schedule = Schedule, SegmentBytes = SegmentBytes });
            Assert.That(result.Algorithm, Is.EqualTo(Algorithm));
        }

        Assert.That(Read(output, outputAt, expected.Length), Is.EqualTo(expected), $"{this}: rank {rank}");
        if (!sharesMemory)
            Assert.That(Read(input, 0, contribution.Length), Is.EqualTo(contribution), $"{this}: rank {rank} changed its contribution");
        foreach (byte[] buffer in (byte[][])[input, output])
        {
            Assert.That(buffer.AsSpan(0, Guard).IndexOfAnyExcept(Sentinel), Is.Negative, $"{this}: rank {rank} wrote before a buffer");
            Assert.That(buffer.AsSpan(buffer.Length - Guard).IndexOfAnyExcept(Sentinel), Is.Negative, $"{this}: rank {rank} wrote behind a buffer");
        }
    }

    private CollectiveCall Call(byte* source, byte* destination) =>
        new() { Collective = Collective, Source = source, Destination = destination, Count = Count, Type = Type, Op = ReduceOp.Sum, Root = Root };

    /// <summary>Element e of what a rank contributes.</summary>
    private long Value(int rank, int element)
    {
        ulong mixed = ((ulong)(Seed + 1) * 0x9E3779B97F4A7C15) ^ ((ulong)(rank + 1) * 0xBF58476D1CE4E5B9) ^ ((ulong)(element + 1) * 0x94D049BB133111EB);
        return Truncated((long)(mixed ^ (mixed >> 29)));
    }

    private long[] Contribution(int rank) => Collective switch
    {
        CollectiveKind.AllGather or CollectiveKind.Gather => Elements(Count, e => Value(rank, e)),
        CollectiveKind.Broadcast => Elements(rank == Root ? Count : 0, e => Value(rank, e)),
        CollectiveKind.Scatter => Elements(rank == Root ? Count * Ranks : 0, e => Value(rank, e)),
        CollectiveKind.ReduceScatter or CollectiveKind.AllToAll => Elements(Count * Ranks, e => Value(rank, e)),
        _ => Elements(Count, e => Value(rank, e)),
    };

    private long[] Expected(int rank) => Collective switch
    {
        CollectiveKind.AllReduce => Elements(Count, Sum),
        CollectiveKind.ReduceScatter => Elements(Count, e => Sum((rank * Count) + e)),
        CollectiveKind.AllGather => Elements(Count * Ranks, e => Value(e / Count, e % Count)),
        CollectiveKind.Reduce => Elements(rank == Root ? Count : 0, Sum),
        CollectiveKind.Broadcast => Elements(Count, e => Value(Root, e)),
        CollectiveKind.Gather => Elements(rank == Root ? Count * Ranks : 0, e => Value(e / Count, e % Count)),
        CollectiveKind.Scatter => Elements(Count, e => Value(Root, (rank * Count) + e)),
        _ => Elements(Count * Ranks, e => Value(e / Count, (rank * Count) + (e % Count))),
    };

    private long Sum(int element) => Truncated(Enumerable.Range(0, Ranks).Aggregate(0L, (sum, rank) => unchecked(sum + Value(rank, element))));

    private static long[] Elements(int count, Func<int, long> element) => [.. Enumerable.Range(0, count).Select(element)];

    /// <summary>Arithmetic wraps around, so all that a type can lose is its upper bits.</summary>
    private long Truncated(long value) => Size == 8 ? value : value & ((1L << (8 * Size)) - 1);

    private byte[] Guarded(int elements)
    {
        var bytes = new byte[(elements * Size) + (2 * Guard)];
        Array.Fill(bytes, Sentinel);
        return bytes;
    }

    private void Write(byte[] buffer, int first, long[] values)
    {
        for (int i = 0; i < values.Length; i++)
            BitConverter.GetBytes(values[i]).AsSpan(0, Size).CopyTo(buffer.AsSpan(Guard + ((first + i) * Size)));
    }

    private long[] Read(byte[] buffer, int first, int count)
    {
        var values = new long[count];
        var bytes = new byte[sizeof(long)];
        for (int i = 0; i < count; i++)
        {
            buffer.AsSpan(Guard + ((first + i) * Size), Size).CopyTo(bytes);
            values[i] = BitConverter.ToInt64(bytes);
        }

        return values;
    }
}
