using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>More elements than 32 bits can count: places that an int truncates are wrong or out of bounds.</summary>
[TestFixture]
[NonParallelizable]
public sealed unsafe class LongCountTests
{
    private const int Ranks = 2;
    private const long Count = (1L << 31) + 4099;
    private const long Spare = 4L << 30;
    private const ulong LowBits = 0x7F7F7F7F7F7F7F7F;

    [Test]
    public void Shared_memory_reduces_more_than_2_to_the_31_elements() =>
        Reduce(new() { IsOneNode = true, SeesAllMemory = true }, new(), "buffers");

    [Test]
    public void Messages_reduce_more_than_2_to_the_31_elements() => Reduce(new(), new() { Algorithm = "ring" }, "in-process");

    private static void Reduce(InProcessOptions how, CollectiveOptions options, string path)
    {
        long needed = (Ranks * Count) + Spare, available = AvailableBytes();
        if (available < needed)
            Assert.Ignore($"{needed >> 20} MiB of available memory are needed, and {available >> 20} MiB are there");
        var fabric = new InProcessFabric(Ranks, how);
        RankThreads.Run(Ranks, rank =>
        {
            // Each rank frees its own memory when it is done with it, so that one that is late has it still.
            ulong* words = (ulong*)NativeMemory.AlignedAlloc(checked((nuint)(Count + 8)), 64);
            try
            {
                using var communicator = new CollectiveCommunicator(fabric[rank], new() { StallTimeout = TimeSpan.FromSeconds(40) });
                for (long i = 0; i <= Count / 8; i++)
                    words[i] = Word(rank, i);
                CollectiveResult result = communicator.AllReduce((byte*)words, Count, ElementType.U8, ReduceOp.Sum, options);
                Assert.That(result.Path, Is.EqualTo(path));
                Assert.That(FirstWrong(words), Is.Negative, $"rank {rank}: the first wrong of {Count} elements");
                int tail = (int)(Count % 8);
                Assert.That(words[Count / 8] >> (8 * tail), Is.EqualTo(Word(rank, Count / 8) >> (8 * tail)), $"rank {rank}: what lies behind the buffer");
                communicator.Barrier();
            }
            finally
            {
                NativeMemory.AlignedFree(words);
            }
        });
    }

    /// <summary>Eight elements of a rank's contribution.</summary>
    private static ulong Word(int rank, long index)
    {
        ulong mixed = ((ulong)index + 1) * (rank == 0 ? 0x9E3779B97F4A7C15 : 0xBF58476D1CE4E5B9);
        return mixed ^ (mixed >> 29);
    }

    /// <summary>The first element that is not the sum, modulo 256, of the contributions; -1 when all are.</summary>
    private static long FirstWrong(ulong* words)
    {
        for (long i = 0; i <= Count / 8; i++)
        {
            // Eight sums at once: what the upper bit of each needs no carry for is added apart.
            ulong a = Word(0, i), b = Word(1, i);
            ulong wrong = words[i] ^ ((a & LowBits) + (b & LowBits)) ^ ((a ^ b) & ~LowBits);
            int length = (int)Math.Min(8, Count - (i * 8));
            if (length < 8)
                wrong &= (1UL << (8 * length)) - 1;
            if (wrong != 0)
                return (i * 8) + (BitOperations.TrailingZeroCount(wrong) / 8);
        }

        return -1;
    }

    private static long AvailableBytes()
    {
        string line = File.ReadLines("/proc/meminfo").First(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
