using HpcTrain.Collectives.Tests.Node;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Gpu.Tests;

/// <summary>Makes a call on device memory, holds it against the scalar reference, and its bits against the same call on the host.</summary>
internal static unsafe class DeviceCheck
{
    public static CollectiveResult Run(NodeCase test, CollectiveCommunicator communicator, DeviceCollectives device, DeviceRank rank, CollectiveOptions? options = null)
    {
        CollectiveCall call = test.Prepare(communicator.Rank, rank.Memory);
        CollectiveResult result = device.Run(in call, options);
        test.Check(communicator.Rank, in call);
        RequireHostBits(test, communicator, rank, options);
        Assert.That(result.Path, Is.EqualTo(device.Path == DevicePath.DevicePointers ? "device pointers" : "pinned staging"), $"{test}");
        return result;
    }

    private static void RequireHostBits(NodeCase test, CollectiveCommunicator communicator, DeviceRank rank, CollectiveOptions? options)
    {
        var host = new byte[test.BufferBytes + 64];
        fixed (byte* memory = host)
        {
            var start = (byte*)(((nint)memory + 63) & ~(nint)63);
            CollectiveCall call = test.Prepare(communicator.Rank, start);
            communicator.Run(in call, options);

            // What an in-place reduce-scatter leaves in the other blocks is nobody's business.
            long first = 0, end = test.BufferBytes;
            if (test.Collective == CollectiveKind.ReduceScatter && test.InPlace)
                (first, end) = ((byte*)call.Destination - start, (byte*)call.Destination - start + ((long)test.Count * test.Type.SizeInBytes()));
            var expected = new Span<byte>(start + first, (int)(end - first));
            var actual = new Span<byte>(rank.Memory + first, (int)(end - first));
            Assert.That(actual.SequenceEqual(expected), Is.True, $"{test}, {options?.Algorithm}: byte {first + actual.CommonPrefixLength(expected)} is not the host's");
        }
    }
}
