using ILGPU;
using ILGPU.Runtime.CPU;

namespace HpcTrain.Kernels.Gpu.Tests.Families;

/// <summary>The device kernels on ILGPU's CPU accelerator, which simulates a GPU's threads.</summary>
internal sealed class CpuFamily : DeviceFamily, IKernelFamily
{
    private CpuFamily(Context context) : base(context, context.GetCPUDevice(0)) { }

    public static IKernelFamily Create() => new CpuFamily(Context.Create(builder => builder.CPU()));
}
