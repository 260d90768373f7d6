using System.Globalization;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HpcTrain.Bench.Kernels;
using HpcTrain.Kernels;

// For each kernel and length: time per call and bandwidth of ours, TensorPrimitives and a plain loop, and our speed relative
// to both. Bytes are what the kernel has to move at least: each source read once, the destination written once.
//   dotnet run -c Release --project bench/kernels [elements ...]
//   dotnet run -c Release --project bench/kernels many [bytes ...]
// The second form compares what goes to many places, and copies, with the same by single folds and plain copies.
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["many", ..])
{
    ManyRows.PrintAll([.. args.Skip(1).Select(a => int.Parse(a, CultureInfo.InvariantCulture))]);
    return;
}
int[] lengths = args.Length > 0 ? [.. args.Select(a => int.Parse(a, CultureInfo.InvariantCulture))] : [256, 4096, 65536, 4 << 20];
Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd}: {Machine.Description}");
Console.WriteLine();
Console.WriteLine(
    "| kernel | elements | ours us | ours GB/s | TensorPrimitives us | plain loop us | vs TensorPrimitives | vs loop |");
Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|");
foreach (int length in lengths) Rows.Print(length);

internal static unsafe class Rows
{
    private const int Ways = 8;

    public static void Print(int n)
    {
        // One block for all arrays, each starting on its own page offset, so that they do not fall on the same cache sets.
        nuint each = (nuint)n * 8 + 4096 + 64 * 5;
        byte* block = (byte*)NativeMemory.AlignedAlloc(each * (Ways + 2), 4096);
        byte* At(int index) => block + (nuint)index * each / 64 * 64;
        var random = new Random(1);
        for (int a = 0; a < Ways + 2; a++)
            for (int i = 0; i < n; i++) ((float*)At(a))[i] = random.NextSingle() - 0.5f;

        float* f0 = (float*)At(0), f1 = (float*)At(1), f2 = (float*)At(2);
        Span<float> F(int index) => new((float*)At(index), n);
        Span<double> D(int index) => new((double*)At(index), n);
        Span<Half> H(int index) => new((Half*)At(index), n);
        Span<int> I(int index) => new((int*)At(index), n);
        Span<byte> B(int index) => new(At(index), n);

        Row("f32 min, in place", n, 12,
            () => HostKernels.Reduce(ElementType.F32, ReduceOp.Min, f0, f1, n),
            () => TensorPrimitives.Min(F(0), F(1), F(0)),
            () => Scalar.Min(f0, f1, n));
        foreach (int ways in new[] { 2, 4, 8 })
        {
            nint[] sources = [.. Enumerable.Range(0, ways).Select(s => (nint)At(s))];
            Row($"f32 sum of {ways}", n, 4 * (ways + 1),
                () => HostKernels.ReduceMany(ElementType.F32, ReduceOp.Sum, At(Ways), sources, n),
                () =>
                {
                    TensorPrimitives.Add(F(0), F(1), F(Ways));
                    for (int s = 2; s < ways; s++) TensorPrimitives.Add(F(Ways), F(s), F(Ways));
                },
                () => Scalar.AddMany((float*)At(Ways), sources, n));
        }
        Row("f32 scale", n, 8,
            () => HostKernels.Scale(ElementType.F32, f2, n, 1.0),
            () => TensorPrimitives.Multiply(F(2), 1f, F(2)),
            () => Scalar.Multiply(f2, 1f, n));
        foreach (int a in new[] { 0, 1 }) HostKernels.Fill(ElementType.F32, At(a), n, 0.25);
        Row("f32 sum, in place", n, 12,
            () => HostKernels.Reduce(ElementType.F32, ReduceOp.Sum, f0, f1, n),
            () => TensorPrimitives.Add(F(0), F(1), F(0)),
            () => Scalar.Add(f0, f1, n));
        HostKernels.Fill(ElementType.F32, f0, n, 0.25);
        HostKernels.Fill(ElementType.F32, f2, n, 0.25);
        Row("SGD, momentum and decay", n, 20,
            () => SgdKernels.Step(f0, f1, f2, n, 1e-3, 0.9, 0, 1e-4),
            null,
            () => Scalar.Sgd(f0, f1, f2, n, 1e-3f, 0.9f, 1e-4f));

        HostKernels.Fill(ElementType.F32, f0, n, 0.25);
        Row("f32 to f16", n, 6,
            () => HostKernels.Cast(ElementType.F32, f0, ElementType.F16, At(3), n),
            () => TensorPrimitives.ConvertToHalf(F(0), H(3)),
            () => Scalar.ToHalf(f0, (Half*)At(3), n));
        Row("f16 to f32", n, 6,
            () => HostKernels.Cast(ElementType.F16, At(3), ElementType.F32, f0, n),
            () => TensorPrimitives.ConvertToSingle(H(3), F(0)),
            () => Scalar.ToSingle((Half*)At(3), f0, n));
        Row("f32 to bf16", n, 6,
            () => HostKernels.Cast(ElementType.F32, f0, ElementType.BF16, At(3), n),
            null,
            () => Scalar.ToBFloat16(f0, (BFloat16*)At(3), n));
        Row("bf16 to f32", n, 6,
            () => HostKernels.Cast(ElementType.BF16, At(3), ElementType.F32, f0, n),
            null,
            () => Scalar.ToSingle((BFloat16*)At(3), f0, n));
        Row("u8 to f32", n, 5,
            () => HostKernels.Cast(ElementType.U8, At(3), ElementType.F32, f0, n),
            () => TensorPrimitives.ConvertTruncating<byte, float>(B(3), F(0)),
            () => Scalar.ToSingle(At(3), f0, n));

        nint[] four = [.. Enumerable.Range(0, 4).Select(s => (nint)At(s))];
        foreach (int a in new[] { 0, 1, 2, 3 }) HostKernels.Fill(ElementType.F16, At(a), n, 0.25);
        Row("f16 sum of 4", n, 10,
            () => HostKernels.ReduceMany(ElementType.F16, ReduceOp.Sum, At(Ways), four, n),
            () =>
            {
                TensorPrimitives.Add<Half>(H(0), H(1), H(Ways));
                for (int s = 2; s < 4; s++) TensorPrimitives.Add<Half>(H(Ways), H(s), H(Ways));
            },
            () => Scalar.AddMany((Half*)At(Ways), four, n));
        foreach (int a in new[] { 0, 1, 2, 3 }) HostKernels.Fill(ElementType.BF16, At(a), n, 0.25);
        Row("bf16 sum of 4", n, 10,
            () => HostKernels.ReduceMany(ElementType.BF16, ReduceOp.Sum, At(Ways), four, n),
            null,
            () => Scalar.AddMany((BFloat16*)At(Ways), four, n));

        foreach (int a in new[] { 0, 1 }) HostKernels.Fill(ElementType.F64, At(a), n, 0.25);
        Row("f64 sum, in place", n, 24,
            () => HostKernels.Reduce(ElementType.F64, ReduceOp.Sum, At(0), At(1), n),
            () => TensorPrimitives.Add<double>(D(0), D(1), D(0)),
            () => Scalar.Add((double*)At(0), (double*)At(1), n));
        Row("i32 sum, in place", n, 12,
            () => HostKernels.Reduce(ElementType.I32, ReduceOp.Sum, At(0), At(1), n),
            () => TensorPrimitives.Add<int>(I(0), I(1), I(0)),
            () => Scalar.Add((int*)At(0), (int*)At(1), n));
        Row("u8 sum, in place", n, 3,
            () => HostKernels.Reduce(ElementType.U8, ReduceOp.Sum, At(0), At(1), n),
            () => TensorPrimitives.Add<byte>(B(0), B(1), B(0)),
            () => Scalar.Add(At(0), At(1), n));

        NativeMemory.AlignedFree(block);
    }

    private static void Row(string kernel, int n, int bytesPerElement, Action ours, Action? tensors, Action loop)
    {
        double[] t = tensors is null ? Measure.Seconds(ours, loop) : Measure.Seconds(ours, loop, tensors);
        string peer = tensors is null ? "-" : $"{t[2] * 1e6:F2}";
        string versus = tensors is null ? "-" : $"{t[2] / t[0]:F2}x";
        Console.WriteLine(
            $"| {kernel} | {n} | {t[0] * 1e6:F2} | {(double)bytesPerElement * n / t[0] / 1e9:F1} | " +
            $"{peer} | {t[1] * 1e6:F2} | {versus} | {t[1] / t[0]:F2}x |");
    }
}
