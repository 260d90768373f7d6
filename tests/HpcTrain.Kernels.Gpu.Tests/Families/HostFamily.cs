using System.Runtime.InteropServices;

namespace HpcTrain.Kernels.Gpu.Tests.Families;

/// <summary>The host kernels.</summary>
internal sealed unsafe class HostFamily : IKernelFamily
{
    private readonly byte* _block = (byte*)NativeMemory.AlignedAlloc(IKernelFamily.BlockBytes, 64);

    public static IKernelFamily Create() => new HostFamily();

    public void Write(int offset, ReadOnlySpan<byte> bytes) => bytes.CopyTo(new Span<byte>(_block + offset, bytes.Length));
    public byte[] Read(int offset, int bytes) => new Span<byte>(_block + offset, bytes).ToArray();

    public void Reduce(ElementType type, ReduceOp op, int destination, int source, int count) =>
        HostKernels.Reduce(type, op, _block + destination, _block + source, count);

    public void ReduceMany(ElementType type, ReduceOp op, int destination, int[] sources, int count) =>
        HostKernels.ReduceMany(type, op, _block + destination, [.. sources.Select(s => (nint)(_block + s))], count);

    public void ReduceInto(ReduceOp op, int accumulator, ElementType sourceType, int source, int count) =>
        HostKernels.ReduceInto(op, (float*)(_block + accumulator), sourceType, _block + source, count);

    public void Cast(ElementType from, int source, ElementType to, int destination, int count) =>
        HostKernels.Cast(from, _block + source, to, _block + destination, count);

    public void Scale(ElementType type, int destination, int source, int count, double factor) =>
        HostKernels.Scale(type, _block + destination, _block + source, count, factor);

    public void FinishAverage(ElementType type, int data, int count, int ranks) =>
        HostKernels.FinishAverage(type, _block + data, count, ranks);

    public void FinishAverage(int sums, ElementType to, int destination, int count, int ranks) =>
        HostKernels.FinishAverage((float*)(_block + sums), to, _block + destination, count, ranks);

    public void Fill(ElementType type, int data, int count, double value) => HostKernels.Fill(type, _block + data, count, value);

    public void Zero(int data, int bytes) => HostKernels.Zero(_block + data, bytes);

    public void Dispose() => NativeMemory.AlignedFree(_block);
}
