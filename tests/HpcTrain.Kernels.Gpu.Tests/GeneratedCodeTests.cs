using System.Reflection;
using System.Text.RegularExpressions;
using HpcTrain.Kernels.Gpu.Launching;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;

namespace HpcTrain.Kernels.Gpu.Tests;

/// <summary>
/// Every kernel compiles for CUDA, which needs no GPU, and the code leaves the driver's compiler no freedom over bits: no fused
/// multiply-add, no approximation, no flushing of subnormals, and no kernel that multiplies and adds in the same precision, which the
/// driver would be free to fuse.
/// </summary>
internal sealed partial class GeneratedCodeTests
{
    private static readonly IEnumerable<TestCaseData> Architectures =
    [
        new(CudaArchitecture.SM_70, CudaInstructionSet.ISA_70, OptimizationLevel.O1),
        new(CudaArchitecture.SM_90, CudaInstructionSet.ISA_80, OptimizationLevel.O2),
    ];

    [TestCaseSource(nameof(Architectures))]
    public void No_kernel_can_be_contracted(CudaArchitecture architecture, CudaInstructionSet instructions, OptimizationLevel optimization)
    {
        using Context context = Context.Create(builder => builder.CPU().Optimize(optimization));
        using var backend = new PTXBackend(context, new CudaCapabilityContext(architecture), architecture, instructions, nvvmAPI: null);
        foreach (KernelKey key in Keys())
        {
            MethodInfo method = key.Method;
            var compiled = (PTXCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(method), KernelSpecialization.Empty);
            string code = compiled.PTXAssembly;
            Assert.That(code, Does.Contain(".visible .entry"), $"{key}");
            Assert.That(Loose().Match(code).Value, Is.Empty, $"{key}");
            foreach (string precision in new[] { "f32", "f64" })
            {
                bool multiplies = code.Contains($"mul.{precision}");
                bool adds = code.Contains($"add.{precision}") || code.Contains($"sub.{precision}");
                Assert.That(multiplies && adds, Is.False, $"{key} multiplies and adds in {precision}");
            }
        }
    }

    private static IEnumerable<KernelKey> Keys()
    {
        ElementType[] single = [ElementType.F32, ElementType.F16, ElementType.BF16];
        foreach (ElementType type in ElementTypes.All)
        {
            foreach (ReduceOp op in ReduceOps.All.Where(op => op.IsDefinedFor(type)))
                yield return new(KernelKind.Fold, type, type, op);
            foreach (ElementType source in ElementTypes.All.Where(s => s != type))
                yield return new(KernelKind.Cast, type, source);
            yield return new(KernelKind.Scale, type, type);
            yield return new(KernelKind.Average, type, type);
            yield return new(KernelKind.Fill, type, type);
        }
        foreach (ElementType type in single)
        {
            yield return new(KernelKind.Average, type, ElementType.F32);
            yield return new(KernelKind.Fold, ElementType.F32, type, ReduceOp.Sum);
        }
    }

    [GeneratedRegex(@"\bfma\S*|\bmad\S*\.f\d\d|\S*\.approx\S*|\S*\.ftz\S*|\S*\.full\.f\d\d")]
    private static partial Regex Loose();
}
