using System.Runtime.InteropServices;
using HpcTrain.Kernels;

namespace HpcTrain.Bench.Kernels;

/// <summary>
/// Folds into many destinations against a fold into the first and copies from there, and copies against Buffer.MemoryCopy. GB/s count
/// what has to move at least: each source read once, each destination written once.
/// </summary>
internal static unsafe class ManyRows
{
    private const int MaxArrays = 8;
    private static readonly int[] DefaultBytes = [64, 4096, 64 << 10, 1 << 20, 4 << 20, 16 << 20, 64 << 20];

    public static void PrintAll(int[] bytes)
    {
        Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd}: {Machine.Description}");
        Console.WriteLine();
        Console.WriteLine("| operation | bytes each | ours us | ours GB/s | plain us | vs plain |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        foreach (int each in bytes.Length > 0 ? bytes : DefaultBytes) Print(each);
    }

    private static void Print(int bytes)
    {
        // Each array starts on its own page offset, so that they do not fall on the same cache sets.
        nuint apart = ((nuint)bytes / 64 * 64) + 4096 + 64 * 5;
        byte* block = (byte*)NativeMemory.AlignedAlloc(apart * MaxArrays, 4096);
        NativeMemory.Clear(block, apart * MaxArrays);
        nint[] all = [.. Enumerable.Range(0, MaxArrays).Select(a => (nint)(block + (nuint)a * apart))];

        foreach (int n in new[] { 2, 4 })
        {
            Fold($"f32 sum of {n}, into all {n} sources", ElementType.F32, all[..n], all[..n], bytes, 0);
            Fold($"f32 sum of {n}, into {n} others", ElementType.F32, all[n..(2 * n)], all[..n], bytes, 0);
        }
        Fold("f32 average of 4, into all 4 sources", ElementType.F32, all[..4], all[..4], bytes, 4);
        Fold("bf16 average of 4, into all 4 sources", ElementType.BF16, all[..4], all[..4], bytes, 4);
        Row("copy", bytes, 2,
            () => HostKernels.Copy((void*)all[1], (void*)all[0], bytes),
            () => Buffer.MemoryCopy((void*)all[0], (void*)all[1], bytes, bytes));
        Row("copy to 3", bytes, 4,
            () => HostKernels.CopyToMany(all.AsSpan(1, 3), (void*)all[0], bytes),
            () =>
            {
                foreach (nint destination in all[1..4]) Buffer.MemoryCopy((void*)all[0], (void*)destination, bytes, bytes);
            });
        NativeMemory.AlignedFree(block);
    }

    private static void Fold(string name, ElementType type, nint[] destinations, nint[] sources, int bytes, int averageOver)
    {
        int count = bytes / type.SizeInBytes();
        Row(name, bytes, sources.Length + destinations.Length,
            () => HostKernels.ReduceManyTo(type, ReduceOp.Sum, destinations, sources, count, averageOver),
            () =>
            {
                HostKernels.ReduceMany(type, ReduceOp.Sum, (void*)destinations[0], sources, count);
                if (averageOver > 0) HostKernels.FinishAverage(type, (void*)destinations[0], count, averageOver);
                foreach (nint destination in destinations.AsSpan(1))
                    Buffer.MemoryCopy((void*)destinations[0], (void*)destination, bytes, bytes);
            });
    }

    private static void Row(string operation, int bytes, int arraysMoved, Action ours, Action plain)
    {
        double[] t = Measure.MedianSeconds(ours, plain);
        Console.WriteLine(
            $"| {operation} | {bytes} | {t[0] * 1e6:F2} | {(double)bytes * arraysMoved / t[0] / 1e9:F1} | {t[1] * 1e6:F2} | {t[1] / t[0]:F2}x |");
    }
}
