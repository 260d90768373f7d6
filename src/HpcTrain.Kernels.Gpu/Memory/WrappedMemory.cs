using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace HpcTrain.Kernels.Gpu.Memory;

/// <summary>
/// Device memory that someone else allocated, such as a tensor's, as an ILGPU buffer: its views (<see cref="MemoryBuffer.AsRawArrayView(long, long)"/>)
/// can be given to <see cref="DeviceKernels"/> and <see cref="PinnedStaging"/>. Disposing it frees nothing. Wrap a buffer once and keep it: each
/// wrapping registers an object with the accelerator.
/// </summary>
public sealed class WrappedMemory : MemoryBuffer
{
    /// <summary>Wraps memory, which has to stay allocated as long as the wrapping is used.</summary>
    /// <param name="accelerator">The CUDA device that the memory belongs to, in its primary context, or a CPU accelerator for host
    /// memory.</param>
    /// <param name="pointer">The device address of the first byte.</param>
    /// <param name="bytes">The number of bytes.</param>
    /// <exception cref="NotSupportedException">An accelerator whose memory has no addresses, such as an OpenCL device.</exception>
    public WrappedMemory(Accelerator accelerator, nint pointer, long bytes) : base(accelerator, bytes, 1)
    {
        if (accelerator is not (CudaAccelerator or CPUAccelerator))
            throw new NotSupportedException(
                $"Memory of {accelerator.AcceleratorType} ({accelerator.Name}) has no addresses to wrap; only CUDA devices and the CPU accelerator have.");
        NativePtr = pointer;
    }

    /// <inheritdoc/>
    protected override unsafe void MemSet(AcceleratorStream stream, byte value, in ArrayView<byte> targetView)
    {
        if (Accelerator is CudaAccelerator) CudaMemoryBuffer.CudaMemSet(stream as CudaStream, value, targetView);
        else CPUMemoryBuffer.CPUMemSet(targetView.LoadEffectiveAddressAsPtr(), value, 0, targetView.LengthInBytes);
    }

    /// <inheritdoc/>
    protected override void CopyTo(AcceleratorStream stream, in ArrayView<byte> sourceView, in ArrayView<byte> targetView) =>
        Copy(stream, sourceView, targetView);

    /// <inheritdoc/>
    protected override void CopyFrom(AcceleratorStream stream, in ArrayView<byte> sourceView, in ArrayView<byte> targetView) =>
        Copy(stream, sourceView, targetView);

    /// <inheritdoc/>
    protected override void DisposeAcceleratorObject(bool disposing) => NativePtr = 0;

    private void Copy(AcceleratorStream stream, in ArrayView<byte> source, in ArrayView<byte> target)
    {
        if (Accelerator is CudaAccelerator) CudaMemoryBuffer.CudaCopy(stream as CudaStream, source, target);
        else CPUMemoryBuffer.CPUCopy(stream, source, target);
    }
}
