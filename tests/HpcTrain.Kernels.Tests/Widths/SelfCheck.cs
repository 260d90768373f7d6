using System.Security.Cryptography;
using HpcTrain.Kernels.Tests.Reference;

namespace HpcTrain.Kernels.Tests.Widths;

/// <summary>
/// Runs every kernel on the same inputs, in arrays between unreadable pages, and gives a line per kernel with the hash of all the
/// bits that came out. Two processes with different registers must print the same lines, but for the first, which names the
/// registers.
/// </summary>
internal static unsafe class SelfCheck
{
    private const int MaxLength = 1100, Sources = 4;
    private static readonly int[] Lengths = [.. Enumerable.Range(0, 141), 200, 256, 1024, 1063, MaxLength];

    public static IReadOnlyList<string> Lines()
    {
        List<string> lines = [HostKernels.Description];
        foreach (ElementType type in ElementTypes.All)
        {
            foreach (ReduceOp op in ReduceOps.All.Where(op => op.IsDefinedFor(type)))
                lines.Add(Line($"{type} {op}", type, type, (target, sources, length) =>
                    HostKernels.ReduceMany(type, op, (void*)target, sources.AsSpan(0, 1 + length % Sources), length)));
            lines.Add(Line($"{type} average to all", type, type, (target, sources, length) =>
                HostKernels.ReduceManyTo(type, ReduceOp.Sum, [.. sources, target], sources, length, Sources)));
            foreach (ElementType to in ElementTypes.All)
                lines.Add(Line($"{type} to {to}", type, to, (target, sources, length) =>
                    HostKernels.Cast(type, (void*)sources[0], to, (void*)target, length)));
            lines.Add(Line($"{type} in place", type, type, (target, sources, length) =>
            {
                HostKernels.Cast(type, (void*)sources[0], type, (void*)target, length);
                HostKernels.Reduce(type, ReduceOp.Sum, (void*)target, (void*)sources[1], length);
                HostKernels.Scale(type, (void*)target, length, 0.3);
                HostKernels.FinishAverage(type, (void*)target, length, 3);
            }));
        }
        foreach (ElementType type in new[] { ElementType.F16, ElementType.BF16 })
            lines.Add(Line($"into f32 from {type}", type, ElementType.F32, (target, sources, length) =>
            {
                HostKernels.Fill(ElementType.F32, (void*)target, length, 0.1);
                HostKernels.ReduceInto(ReduceOp.Sum, (float*)target, type, (void*)sources[0], length);
            }));
        foreach (bool nesterov in new[] { false, true })
            lines.Add(Line($"SGD, nesterov {nesterov}", ElementType.F32, ElementType.F32, (target, sources, length) =>
            {
                HostKernels.Fill(ElementType.F32, (void*)target, length, 0.7);
                SgdKernels.FirstStep((float*)target, (float*)sources[0], (float*)sources[1], length, 0.1, 0.9, 0, 1e-2, nesterov);
                SgdKernels.Step((float*)target, (float*)sources[2], (float*)sources[1], length, 0.1, 0.9, 0, 1e-2, nesterov);
                HostKernels.ReduceMany(
                    ElementType.F32, ReduceOp.Sum, (void*)target, [target, sources[1]], length);
            }));
        lines.Add(Line("sum of squares, added scaled", ElementType.F32, ElementType.F32, (target, sources, length) =>
        {
            HostKernels.Cast(ElementType.F32, (void*)sources[0], ElementType.F32, (void*)target, length);
            HostKernels.AddScaled((float*)target, (float*)sources[1], length, 0.3);
            if (length > 0)
                *(float*)target = (float)HostKernels.SumOfSquares((float*)sources[2], length);
        }));
        lines.Add(Line("8-bit codes", ElementType.F32, ElementType.F32, (target, sources, length) =>
        {
            float* scales = (float*)sources[1];
            HostKernels.Cast(ElementType.F32, (void*)sources[2], ElementType.F32, (void*)target, length);
            Int8Kernels.Quantize((float*)sources[0], length, scales, (sbyte*)sources[3], RoundingKey.Of(length));
            Int8Kernels.AddDequantized(scales, (sbyte*)sources[3], length, (float*)target);
        }));
        lines.Add(Line("thin products", ElementType.F32, ElementType.F32, (target, sources, length) =>
        {
            // P of 5 x rows and Q of 5 x columns fit into a source. Of two NaNs a sum keeps any, so there are only numbers.
            int columns = Math.Min(length / 5, 37), rows = columns == 0 ? 0 : Math.Min(length / columns, length / 5);
            float* matrix = (float*)target, p = (float*)sources[1], q = (float*)sources[2], rest = (float*)sources[3];
            foreach (nint array in sources)
                foreach (ref float value in new Span<float>((void*)array, length)) value = float.IsFinite(value) ? MathF.CopySign(MathF.Min(MathF.Abs(value), 99), value) : 1;
            HostKernels.Cast(ElementType.F32, (void*)sources[0], ElementType.F32, matrix, length);
            LowRankKernels.Project(matrix, rows, columns, q, 5, p);
            LowRankKernels.ProjectBack(matrix, rows, columns, p, 5, q);
            LowRankKernels.Subtract(matrix, p, q, rows, columns, 5, rest);
            LowRankKernels.Expand(p, q, rows, columns, 5, matrix);
            HostKernels.Reduce(ElementType.F32, ReduceOp.Sum, matrix, rest, rows * columns);
        }));
        lines.Add(Streamed("streamed copy", (target, sources, bytes) => HostKernels.Copy((void*)target, (void*)sources[0], bytes)));
        lines.Add(Streamed("streamed average", (target, sources, bytes) =>
            HostKernels.ReduceManyTo(ElementType.I16, ReduceOp.Sum, [target], sources, bytes / 2, 2)));
        return lines;
    }

    // Long enough to be written past the caches, and ending at the unreadable page, so beginning off every boundary.
    private static string Streamed(string name, Action<nint, nint[], int> kernel)
    {
        const int bytes = (8 << 20) + 78;
        using var target = new PagedArray(bytes);
        PagedArray[] arrays = [new(bytes), new(bytes)];
        var random = new Random(1);
        foreach (PagedArray array in arrays) random.NextBytes(new Span<byte>(array.AtEnd(bytes), bytes));
        kernel((nint)target.AtEnd(bytes), [.. arrays.Select(a => (nint)a.AtEnd(bytes))], bytes);
        byte[] hash = SHA256.HashData(new ReadOnlySpan<byte>(target.AtEnd(bytes), bytes));
        foreach (PagedArray array in arrays) array.Dispose();
        return $"{name}: {Convert.ToHexStringLower(hash.AsSpan(0, 8))}";
    }

    private static string Line(string name, ElementType from, ElementType to, Action<nint, nint[], int> kernel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var target = new PagedArray(MaxLength * to.SizeInBytes());
        PagedArray[] arrays = [.. Enumerable.Range(0, Sources).Select(_ => new PagedArray(MaxLength * from.SizeInBytes()))];
        var sources = new nint[Sources];
        foreach (int length in Lengths)
        {
            int sourceBytes = length * from.SizeInBytes(), targetBytes = length * to.SizeInBytes();
            bool atEnd = length % 2 == 0 || length < 64;
            for (int s = 0; s < Sources; s++)
            {
                using GuardedArray sample = Samples.Mixed(from, length, 0, length * Sources + s);
                byte* place = atEnd ? arrays[s].AtEnd(sourceBytes) : arrays[s].AtStart;
                sample.Bytes.CopyTo(new Span<byte>(place, sourceBytes));
                sources[s] = (nint)place;
            }
            byte* result = atEnd ? target.AtEnd(targetBytes) : target.AtStart;
            kernel((nint)result, sources, length);
            hash.AppendData(new ReadOnlySpan<byte>(result, targetBytes));
        }
        foreach (PagedArray array in arrays) array.Dispose();
        return $"{name}: {Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8))}";
    }
}
