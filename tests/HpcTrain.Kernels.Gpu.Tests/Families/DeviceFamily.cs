using HpcTrain.Kernels.Gpu.Memory;
using ILGPU;
using ILGPU.Runtime;

namespace HpcTrain.Kernels.Gpu.Tests.Families;

/// <summary>The device kernels on one accelerator, and on a wrapping of its memory, as tensors of others are used.</summary>
internal abstract class DeviceFamily : IDisposable
{
    private readonly Context _context;
    private readonly Accelerator _accelerator;
    private readonly MemoryBuffer1D<byte, Stride1D.Dense> _owned;
    private readonly WrappedMemory _block;
    private readonly DeviceKernels _kernels;

    protected DeviceFamily(Context context, Device device)
    {
        _context = context;
        _accelerator = device.CreateAccelerator(context);
        _owned = _accelerator.Allocate1D<byte>(IKernelFamily.BlockBytes);
        _block = new(_accelerator, _owned.NativePtr, IKernelFamily.BlockBytes);
        _kernels = new(_accelerator);
    }

    public void Write(int offset, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        using var array = _accelerator.Allocate1D(bytes.ToArray());
        array.View.AsContiguous().CopyTo(_accelerator.DefaultStream, At(offset, bytes.Length));
        _accelerator.Synchronize();
    }

    public byte[] Read(int offset, int bytes) => bytes == 0 ? [] : At(offset, bytes).GetAsArray(_accelerator.DefaultStream);

    public void Reduce(ElementType type, ReduceOp op, int destination, int source, int count)
    {
        _kernels.Reduce(type, op, At(destination, type, count), At(source, type, count), count);
        _kernels.Stream.Synchronize();
    }

    public void ReduceMany(ElementType type, ReduceOp op, int destination, int[] sources, int count)
    {
        _kernels.ReduceMany(type, op, At(destination, type, count), [.. sources.Select(s => At(s, type, count))], count);
        _kernels.Stream.Synchronize();
    }

    public void ReduceInto(ReduceOp op, int accumulator, ElementType sourceType, int source, int count)
    {
        _kernels.ReduceInto(op, At(accumulator, ElementType.F32, count), sourceType, At(source, sourceType, count), count);
        _kernels.Stream.Synchronize();
    }

    public void Cast(ElementType from, int source, ElementType to, int destination, int count)
    {
        _kernels.Cast(from, At(source, from, count), to, At(destination, to, count), count);
        _kernels.Stream.Synchronize();
    }

    public void Scale(ElementType type, int destination, int source, int count, double factor)
    {
        _kernels.Scale(type, At(destination, type, count), At(source, type, count), count, factor);
        _kernels.Stream.Synchronize();
    }

    public void FinishAverage(ElementType type, int data, int count, int ranks)
    {
        _kernels.FinishAverage(type, At(data, type, count), count, ranks);
        _kernels.Stream.Synchronize();
    }

    public void FinishAverage(int sums, ElementType to, int destination, int count, int ranks)
    {
        _kernels.FinishAverage(At(sums, ElementType.F32, count), to, At(destination, to, count), count, ranks);
        _kernels.Stream.Synchronize();
    }

    public void Fill(ElementType type, int data, int count, double value)
    {
        _kernels.Fill(type, At(data, type, count), count, value);
        _kernels.Stream.Synchronize();
    }

    public void Zero(int data, int bytes)
    {
        _kernels.Zero(At(data, bytes));
        _kernels.Stream.Synchronize();
    }

    public void Dispose()
    {
        _kernels.Dispose();
        _block.Dispose();
        _owned.Dispose();
        _accelerator.Dispose();
        _context.Dispose();
    }

    private ArrayView<byte> At(int offset, ElementType type, int count) => At(offset, count * type.SizeInBytes());

    private ArrayView<byte> At(int offset, int bytes) => _block.AsRawArrayView(offset, bytes);
}
