using System.Reflection;
using ILGPU.Runtime;

namespace HpcTrain.Kernels.Gpu.Launching;

/// <summary>Which kernel: what it does, the element types of its destination and source, and the operation of a fold.</summary>
internal readonly record struct KernelKey(KernelKind Kind, ElementType Destination, ElementType Source, ReduceOp Op = default)
{
    public MethodInfo Method => Kind switch
    {
        KernelKind.Fold => KernelMethods.Fold(Op, Destination, Source),
        KernelKind.Average => KernelMethods.Average(Destination, Source),
        KernelKind.Scale => KernelMethods.Scale(Destination),
        KernelKind.Cast => KernelMethods.Cast(Destination, Source),
        _ => KernelMethods.Fill(Destination),
    };
}

/// <summary>What a kernel does.</summary>
internal enum KernelKind : byte
{
    Fold,
    Average,
    Scale,
    Cast,
    Fill,
}

/// <summary>Compiles kernels for one accelerator when they are first needed, which takes some milliseconds, and keeps them.</summary>
internal sealed class KernelCache(Accelerator accelerator) : IDisposable
{
    private readonly Dictionary<KernelKey, (Kernel Kernel, Delegate Launcher)> _kernels = [];

    /// <summary>The launcher of a kernel: an action over stream, grid and the kernel's parameters.</summary>
    public TLauncher Get<TLauncher>(KernelKey key) where TLauncher : Delegate
    {
        if (!_kernels.TryGetValue(key, out (Kernel Kernel, Delegate Launcher) entry))
        {
            Kernel kernel = accelerator.LoadKernel(key.Method);
            _kernels.Add(key, entry = (kernel, kernel.CreateLauncherDelegate<TLauncher>()));
        }
        return (TLauncher)entry.Launcher;
    }

    public void Dispose()
    {
        foreach ((Kernel kernel, _) in _kernels.Values) kernel.Dispose();
        _kernels.Clear();
    }
}
