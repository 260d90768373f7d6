using HpcTrain.Collectives.Execution;
using ILGPU;
using ILGPU.Runtime;

namespace HpcTrain.Collectives.Gpu.Execution;

/// <summary>Memory allocated by an accelerator.</summary>
internal sealed unsafe class AcceleratorBlock : MemoryBlock
{
    private MemoryBuffer1D<byte, Stride1D.Dense>? _buffer;

    public AcceleratorBlock(Accelerator accelerator, long bytes)
    {
        // CUDA aligns to more than a block promises; the CPU accelerator to less.
        if (bytes > 0)
            _buffer = accelerator.Allocate1D<byte>(bytes + NativeBlock.Alignment);
    }

    public override byte* Pointer =>
        _buffer == null ? null : (byte*)((_buffer.NativePtr + NativeBlock.Alignment - 1) & ~(nint)(NativeBlock.Alignment - 1));

    // The accelerator frees it when it is disposed itself.
    public override void Abandon() => _buffer = null;

    public override void Dispose()
    {
        _buffer?.Dispose();
        _buffer = null;
    }
}
