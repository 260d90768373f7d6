using HpcTrain.Kernels.Gpu;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace HpcTrain.Collectives.Gpu.Tests;

/// <summary>One rank's accelerator, with memory for calls. It goes when the rank does; its communicator is the caller's.</summary>
internal sealed unsafe class DeviceRank : IDisposable
{
    private readonly Context _context;
    private readonly MemoryBuffer1D<byte, Stride1D.Dense> _memory;

    private DeviceRank(Context context, Device device, long bytes)
    {
        _context = context;
        Accelerator = device.CreateAccelerator(context);
        Kernels = new(Accelerator);
        _memory = Accelerator.Allocate1D<byte>(bytes + 64);
        Memory = (byte*)((_memory.NativePtr + 63) & ~(nint)63);
    }

    public Accelerator Accelerator { get; }

    public DeviceKernels Kernels { get; }

    /// <summary>The device's memory, at a cache line.</summary>
    public byte* Memory { get; }

    public ArrayView<byte> View => _memory.View;

    /// <summary>ILGPU's CPU accelerator, whose memory the host may look into.</summary>
    public static DeviceRank OnCpu(long bytes)
    {
        Context context = Context.Create(builder => builder.CPU());
        return new(context, context.GetCPUDevice(0), bytes);
    }

    /// <summary>The first CUDA device; the test is skipped where there is none.</summary>
    public static DeviceRank OnCuda(long bytes)
    {
        Context context = Context.Create(builder => builder.AllAccelerators());
        if (context.GetCudaDevices().Count > 0)
            return new(context, context.GetCudaDevice(0), bytes);
        context.Dispose();
        Assert.Ignore("No CUDA device was found (ILGPU looks for libcuda.so.1 and a driver): the collectives were not run on a GPU.");
        throw new InvalidOperationException();
    }

    public void Dispose()
    {
        _memory.Dispose();
        Kernels.Dispose();
        Accelerator.Dispose();
        _context.Dispose();
    }
}
