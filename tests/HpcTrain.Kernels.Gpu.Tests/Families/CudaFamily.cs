using ILGPU;
using ILGPU.Runtime.Cuda;

namespace HpcTrain.Kernels.Gpu.Tests.Families;

/// <summary>The device kernels on the first CUDA device; the tests are skipped where there is none.</summary>
internal sealed class CudaFamily : DeviceFamily, IKernelFamily
{
    private CudaFamily(Context context) : base(context, context.GetCudaDevice(0)) { }

    public static IKernelFamily Create()
    {
        Context context = Context.Create(builder => builder.AllAccelerators());
        if (context.GetCudaDevices().Count > 0) return new CudaFamily(context);
        context.Dispose();
        Assert.Ignore("No CUDA device was found (ILGPU looks for libcuda.so.1 and a driver): the kernels were not run on a GPU.");
        throw new InvalidOperationException();
    }
}
