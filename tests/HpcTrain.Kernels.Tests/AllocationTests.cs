using HpcTrain.Kernels.Tests.Reference;

namespace HpcTrain.Kernels.Tests;

/// <summary>No kernel allocates managed memory, whatever its types.</summary>
internal sealed unsafe class AllocationTests
{
    [Test]
    public void Kernels_allocate_nothing()
    {
        Span<nint> sources = stackalloc nint[3];
        CallAll(sources);
        long before = GC.GetAllocatedBytesForCurrentThread();
        CallAll(sources);
        long afterwards = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(afterwards - before, Is.Zero);
    }

    private static readonly GuardedArray[] Arrays =
        [.. Enumerable.Range(0, 4).Select(i => Samples.Mixed(ElementType.F64, 3001, i, i))];

    private static readonly ElementType[] Types = [.. ElementTypes.All];
    private static readonly ReduceOp[] Operations = [.. ReduceOps.All];

    [OneTimeTearDown]
    public static void Free()
    {
        foreach (GuardedArray array in Arrays) array.Dispose();
    }

    private static void CallAll(Span<nint> sources)
    {
        const int count = 3001;
        for (int s = 0; s < sources.Length; s++) sources[s] = Arrays[s].Address;
        void* target = Arrays[3].Pointer;
        foreach (ElementType type in Types)
        {
            foreach (ReduceOp op in Operations)
            {
                if (!op.IsDefinedFor(type)) continue;
                HostKernels.ReduceMany(type, op, target, sources, count);
                HostKernels.Reduce(type, op, target, Arrays[0].Pointer, count);
                HostKernels.ReduceManyTo(type, op, sources, sources, count, 3);
            }
            foreach (ElementType to in Types) HostKernels.Cast(type, Arrays[0].Pointer, to, target, count);
            HostKernels.Scale(type, target, count, 0.5);
            HostKernels.Scale(type, target, Arrays[0].Pointer, count, 0.5);
            HostKernels.FinishAverage(type, target, count, 3);
            HostKernels.Fill(type, target, count, 2);
        }
        HostKernels.Copy(target, Arrays[0].Pointer, count);
        HostKernels.CopyToMany(sources, target, count);
        HostKernels.ReduceInto(ReduceOp.Sum, (float*)target, ElementType.BF16, Arrays[0].Pointer, count);
        HostKernels.FinishAverage((float*)target, ElementType.F16, Arrays[1].Pointer, count, 3);
        SgdKernels.FirstStep((float*)Arrays[0].Pointer, (float*)Arrays[1].Pointer, (float*)target, count, 0.1, 0.9);
        SgdKernels.Step((float*)Arrays[0].Pointer, (float*)Arrays[1].Pointer, (float*)target, count, 0.1, 0.9);
    }
}
