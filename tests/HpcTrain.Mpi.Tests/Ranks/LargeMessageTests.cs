using System.Globalization;
using System.Runtime.InteropServices;
using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

/// <summary>
/// One message that a 32-bit count cannot describe, for real: 2^31 + 12345 bytes, some 4.3 GB on two ranks. The other calls'
/// ways beyond 2^31 are tested with small messages (<see cref="Ways"/>).
/// </summary>
public unsafe class LargeMessageTests
{
    private const long Count = (1L << 31) + 12_345;
    private const long NeededBytes = 6L << 30;

    [RankTest(2, TimeoutSeconds = 120)]
    public void A_message_of_more_than_two_to_the_31_elements_arrives_whole(Intracommunicator world)
    {
        var free = world.AllReduce(AvailableMemory(), MpiOp.Min);
        if (free < NeededBytes)
            Assert.Ignore($"needs {NeededBytes >> 20} MiB of free memory, and {free >> 20} MiB are");
        const int part = 1 << 20;
        var memory = (byte*)NativeMemory.Alloc((nuint)Count);
        try
        {
            // A period of 251, prime: a part that lands in the wrong place shows.
            var pattern = Enumerable.Range(0, part + 251).Select(i => (byte)(i % 251)).ToArray();
            ReadOnlySpan<byte> Expected(long offset) => pattern.AsSpan((int)(offset % 251), (int)Math.Min(part, Count - offset));
            if (world.Rank == 0)
            {
                for (long offset = 0; offset < Count; offset += part)
                    Expected(offset).CopyTo(new Span<byte>(memory + offset, (int)Math.Min(part, Count - offset)));
                var request = world.ImmediateSend(memory, Count, MpiDatatype.UInt8, 1, 3);
                request.Wait();
                return;
            }

            var status = world.Receive(memory, Count, MpiDatatype.UInt8, 0, 3);
            Assert.That((status.Source, status.Tag, status.Count(MpiDatatype.UInt8)), Is.EqualTo((0, 3, Count)));
            for (long offset = 0; offset < Count; offset += part)
            {
                var expected = Expected(offset);
                Assert.That(new ReadOnlySpan<byte>(memory + offset, expected.Length).SequenceEqual(expected), Is.True, $"at {offset}");
            }
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    private static long AvailableMemory() =>
        long.Parse(File.ReadLines("/proc/meminfo").First(line => line.StartsWith("MemAvailable:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
}
