using HpcTrain.Collectives.Execution;
using HpcTrain.Kernels;
using HpcTrain.Kernels.Gpu;
using HpcTrain.Kernels.Gpu.Memory;
using ILGPU;

namespace HpcTrain.Collectives.Gpu.Execution;

/// <summary>An ILGPU accelerator's memory and kernels, by address. Everything is queued on the stream of the kernels.</summary>
internal sealed unsafe class AcceleratorDevice(DeviceKernels kernels) : ComputeDevice, IDisposable
{
    // Idea. Kernels take views of buffers, a schedule knows addresses. Wrapping each address would register an object with the accelerator for every
    // call; instead the whole address space is one wrapped buffer that begins at 0, and the address is the offset in it.
    private readonly WrappedMemory _space = new(kernels.Accelerator, 0, long.MaxValue);

    public override bool IsQueued => true;

    public ArrayView<byte> View(void* address, long bytes) => _space.AsRawArrayView((long)address, bytes);

    public override MemoryBlock Allocate(long bytes) => new AcceleratorBlock(kernels.Accelerator, bytes);

    public override void Reduce(ElementType type, ReduceOp op, byte* target, byte* left, byte* right, long count)
    {
        long bytes = count * type.SizeInBytes();
        if (left == target)
            kernels.Reduce(type, op, View(target, bytes), View(right, bytes), count);
        else
            kernels.ReduceMany(type, op, View(target, bytes), [View(left, bytes), View(right, bytes)], count);
    }

    public override void Copy(byte* target, byte* source, long bytes) =>
        kernels.Cast(ElementType.U8, View(source, bytes), ElementType.U8, View(target, bytes), bytes);

    public override void Cast(ElementType from, byte* source, ElementType to, byte* target, long count) =>
        kernels.Cast(from, View(source, count * from.SizeInBytes()), to, View(target, count * to.SizeInBytes()), count);

    public override void Scale(ElementType type, byte* data, long count, double factor) =>
        kernels.Scale(type, View(data, count * type.SizeInBytes()), count, factor);

    public override void FinishAverage(ElementType type, byte* data, long count, int ranks) =>
        kernels.FinishAverage(type, View(data, count * type.SizeInBytes()), count, ranks);

    public override void FinishAverage(byte* sums, ElementType to, byte* target, long count, int ranks) =>
        kernels.FinishAverage(View(sums, count * sizeof(float)), to, View(target, count * to.SizeInBytes()), count, ranks);

    public override DeviceMarks MakeMarks(int count) => new StreamMarks(kernels.Accelerator, kernels.Stream, count);

    public void Dispose() => _space.Dispose();
}
