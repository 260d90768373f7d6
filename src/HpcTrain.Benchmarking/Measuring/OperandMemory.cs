using System.Runtime.InteropServices;
using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;

namespace HpcTrain.Benchmarking.Measuring;

/// <summary>A rank's two buffers, large enough for every workload, used by one side of the comparison for all of them.</summary>
internal sealed unsafe class OperandMemory : IDisposable
{
    private const int Alignment = 64;

    private readonly Action _free;
    private readonly byte* _source;
    private readonly byte* _destination;

    private OperandMemory(byte* source, byte* destination, Action free)
    {
        _source = source;
        _destination = destination;
        _free = free;
    }

    /// <summary>Memory of the communicator's. A collective call.</summary>
    public static OperandMemory OfCommunicator(CollectiveCommunicator communicator, long sourceBytes, long destinationBytes)
    {
        CollectiveBuffer<byte> source = communicator.Allocate<byte>(sourceBytes), destination = communicator.Allocate<byte>(destinationBytes);
        return new(source.Pointer, destination.Pointer, () =>
        {
            source.Dispose();
            destination.Dispose();
        });
    }

    /// <summary>Ordinary native memory.</summary>
    public static OperandMemory Ordinary(long sourceBytes, long destinationBytes)
    {
        byte* source = Allocate(sourceBytes), destination = Allocate(destinationBytes);
        return new(source, destination, () =>
        {
            NativeMemory.AlignedFree(source);
            NativeMemory.AlignedFree(destination);
        });
    }

    /// <summary>Where an operand begins; null where there is none.</summary>
    public byte* At(OperandPlace place) => place.Buffer switch
    {
        OperandBuffer.Source => _source + place.Offset,
        OperandBuffer.Destination => _destination + place.Offset,
        _ => null,
    };

    public void Dispose() => _free();

    private static byte* Allocate(long bytes)
    {
        byte* memory = (byte*)NativeMemory.AlignedAlloc(checked((nuint)Math.Max(bytes, Alignment)), Alignment);
        NativeMemory.Clear(memory, checked((nuint)bytes));
        return memory;
    }
}
