using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Execution;

/// <summary>The host: its memory, its kernels, and nothing queued.</summary>
internal sealed unsafe class HostDevice : ComputeDevice
{
    public static readonly HostDevice Instance = new();

    public override bool IsQueued => false;

    public override MemoryBlock Allocate(long bytes) => new NativeBlock(bytes);

    public override void Reduce(ElementType type, ReduceOp op, byte* target, byte* left, byte* right, long count)
    {
        if (left == target)
            HostKernels.Reduce(type, op, target, right, (nint)count);
        else
            HostKernels.ReduceMany(type, op, target, [(nint)left, (nint)right], (nint)count);
    }

    public override void Copy(byte* target, byte* source, long bytes) => Buffer.MemoryCopy(source, target, bytes, bytes);

    public override void Cast(ElementType from, byte* source, ElementType to, byte* target, long count) =>
        HostKernels.Cast(from, source, to, target, (nint)count);

    public override void Scale(ElementType type, byte* data, long count, double factor) => HostKernels.Scale(type, data, (nint)count, factor);

    public override void FinishAverage(ElementType type, byte* data, long count, int ranks) => HostKernels.FinishAverage(type, data, (nint)count, ranks);

    public override void FinishAverage(byte* sums, ElementType to, byte* target, long count, int ranks) =>
        HostKernels.FinishAverage((float*)sums, to, target, (nint)count, ranks);

    public override DeviceMarks MakeMarks(int count) => throw new NotSupportedException("The host queues nothing, so there is nothing to mark.");
}
