using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HpcTrain.Kernels.Loops;

/// <summary>
/// Each product reads the large matrix once. A tile of it is as wide as a few registers; what belongs to the tile of the thin matrices stays in registers
/// or in the first cache meanwhile. What does not fill a register is computed by the same operations in the same order.
/// The loops are written for 16 lanes; .NET makes two or four registers of them where those are narrower, lane by lane, so the bits are the same.
/// </summary>
internal static unsafe class LowRankLoop
{
    private const int Lanes = 16, Together = 4, ColumnTile = 2 * Lanes, PackedRows = 128;

    /// <summary>Dot products of each row with rows of Q, four at a time, so that a row is loaded once for four. Each lane adds every 16th
    /// product; then the lanes are added in their order, and the last few products after them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Project(float* matrix, int rows, int columns, float* q, int rank, float* p)
    {
        int whole = columns - columns % Lanes;
        for (int i = 0; i < rows; i++)
        {
            float* row = matrix + (nint)i * columns;
            int k = 0;
            for (; k <= rank - Together; k += Together)
            {
                float* q0 = q + (nint)k * columns, q1 = q0 + columns, q2 = q1 + columns, q3 = q2 + columns;
                Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
                for (int j = 0; j < whole; j += Lanes)
                {
                    Vector512<float> value = Vector512.Load(row + j);
                    s0 += value * Vector512.Load(q0 + j);
                    s1 += value * Vector512.Load(q1 + j);
                    s2 += value * Vector512.Load(q2 + j);
                    s3 += value * Vector512.Load(q3 + j);
                }
                float* target = p + (nint)i * rank + k;
                target[0] = Finish(s0, row, q0, whole, columns);
                target[1] = Finish(s1, row, q1, whole, columns);
                target[2] = Finish(s2, row, q2, whole, columns);
                target[3] = Finish(s3, row, q3, whole, columns);
            }
            for (; k < rank; k++)
            {
                float* q0 = q + (nint)k * columns;
                Vector512<float> sum = default;
                for (int j = 0; j < whole; j += Lanes) sum += Vector512.Load(row + j) * Vector512.Load(q0 + j);
                p[(nint)i * rank + k] = Finish(sum, row, q0, whole, columns);
            }
        }
    }

    /// <summary>Adds four rows at a time, each times its elements of P, to the rows of Q.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ProjectBack(float* matrix, int rows, int columns, float* p, int rank, float* q)
    {
        new Span<byte>(q, checked(rank * columns * sizeof(float))).Clear();
        int i = 0;
        for (; i <= rows - Together; i += Together)
        {
            float* m0 = matrix + (nint)i * columns, m1 = m0 + columns, m2 = m1 + columns, m3 = m2 + columns;
            float* p0 = p + (nint)i * rank, p1 = p0 + rank, p2 = p1 + rank, p3 = p2 + rank;
            for (int k = 0; k < rank; k++)
            {
                float* target = q + (nint)k * columns;
                Vector512<float> f0 = Vector512.Create(p0[k]), f1 = Vector512.Create(p1[k]), f2 = Vector512.Create(p2[k]), f3 = Vector512.Create(p3[k]);
                int j = 0;
                for (; j <= columns - Lanes; j += Lanes)
                {
                    Vector512<float> sum = Vector512.Load(target + j) + Vector512.Load(m0 + j) * f0;
                    sum += Vector512.Load(m1 + j) * f1;
                    sum += Vector512.Load(m2 + j) * f2;
                    sum += Vector512.Load(m3 + j) * f3;
                    sum.Store(target + j);
                }
                for (; j < columns; j++)
                    target[j] = target[j] + m0[j] * p0[k] + m1[j] * p1[k] + m2[j] * p2[k] + m3[j] * p3[k];
            }
        }
        for (; i < rows; i++)
        {
            float* row = matrix + (nint)i * columns;
            for (int k = 0; k < rank; k++)
            {
                float* target = q + (nint)k * columns;
                float factor = p[(nint)i * rank + k];
                int j = 0;
                for (; j <= columns - Lanes; j += Lanes)
                    (Vector512.Load(target + j) + Vector512.Load(row + j) * Vector512.Create(factor)).Store(target + j);
                for (; j < columns; j++) target[j] += row[j] * factor;
            }
        }
    }

    /// <summary>
    /// Tiles of 4 rows by 32 columns, whose sums are in registers. The part of Q for a tile is copied together first, since its rows may lie a power of two apart
    /// and would then push each other out of the cache; it is used for all rows. Where Q has more rows than the copy, sums rest in the result in between.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Expand(float* p, float* q, int rows, int columns, int rank, float* minuend, float* matrix)
    {
        float* packed = stackalloc float[PackedRows * ColumnTile];
        float* edge = stackalloc float[Together * ColumnTile];
        float sign = minuend == null ? 1 : -1;
        for (int j = 0; j < columns; j += ColumnTile)
        {
            int width = Math.Min(ColumnTile, columns - j);
            int k = 0;
            do
            {
                int depth = Math.Min(PackedRows, rank - k);
                Pack(q + (nint)k * columns + j, columns, depth, width, packed);
                float* start = k == 0 ? minuend : matrix;
                for (int i = 0; i < rows; i += Together)
                {
                    int height = Math.Min(Together, rows - i);
                    nint at = (nint)i * columns + j;
                    float* factors = p + (nint)i * rank + k;
                    if (height == Together && width == ColumnTile)
                    {
                        AddProducts(factors, rank, packed, depth, sign, start == null ? null : start + at, matrix + at, columns);
                        continue;
                    }

                    // What is less than a tile is done on the stack; fewer than four rows one by one, each as four times itself.
                    new Span<float>(edge, Together * ColumnTile).Clear();
                    if (start != null) Move(start + at, columns, edge, ColumnTile, height, width);
                    if (height == Together) AddProducts(factors, rank, packed, depth, sign, edge, edge, ColumnTile);
                    else
                        for (int row = 0; row < height; row++)
                            AddProducts(factors + (nint)row * rank, 0, packed, depth, sign, edge + row * ColumnTile, edge + row * ColumnTile, 0);
                    Move(edge, ColumnTile, matrix + at, columns, height, width);
                }
                k += depth;
            }
            while (k < rank);
        }
    }

    // Four rows of a tile, beginning with what is at start, or with zeros. A product with -1 is exact, so adding it is subtracting.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddProducts(float* factors, int factorStride, float* packed, int depth, float sign, float* start, float* target, int stride)
    {
        Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        if (start != null)
        {
            (a0, a1) = (Vector512.Load(start), Vector512.Load(start + Lanes));
            (b0, b1) = (Vector512.Load(start + stride), Vector512.Load(start + stride + Lanes));
            (c0, c1) = (Vector512.Load(start + 2 * (nint)stride), Vector512.Load(start + 2 * (nint)stride + Lanes));
            (d0, d1) = (Vector512.Load(start + 3 * (nint)stride), Vector512.Load(start + 3 * (nint)stride + Lanes));
        }
        float* fb = factors + factorStride, fc = fb + factorStride, fd = fc + factorStride;
        for (int k = 0; k < depth; k++)
        {
            Vector512<float> q0 = Vector512.Load(packed + k * ColumnTile), q1 = Vector512.Load(packed + k * ColumnTile + Lanes);
            Vector512<float> f = Vector512.Create(sign * factors[k]);
            a0 += f * q0;
            a1 += f * q1;
            f = Vector512.Create(sign * fb[k]);
            b0 += f * q0;
            b1 += f * q1;
            f = Vector512.Create(sign * fc[k]);
            c0 += f * q0;
            c1 += f * q1;
            f = Vector512.Create(sign * fd[k]);
            d0 += f * q0;
            d1 += f * q1;
        }
        Store(a0, a1, target);
        Store(b0, b1, target + stride);
        Store(c0, c1, target + 2 * (nint)stride);
        Store(d0, d1, target + 3 * (nint)stride);
    }

    private static void Pack(float* q, int stride, int depth, int width, float* packed)
    {
        if (width < ColumnTile) new Span<float>(packed, depth * ColumnTile).Clear();
        Move(q, stride, packed, ColumnTile, depth, width);
    }

    private static void Move(float* from, int fromStride, float* to, int toStride, int height, int width)
    {
        for (int row = 0; row < height; row++) Tail.Copy(from + (nint)row * fromStride, to + (nint)row * toStride, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<float> first, Vector512<float> second, float* target)
    {
        first.Store(target);
        second.Store(target + Lanes);
    }

    private static float Finish(Vector512<float> lanes, float* left, float* right, int from, int to)
    {
        float sum = lanes[0];
        for (int lane = 1; lane < Lanes; lane++) sum += lanes[lane];
        for (; from < to; from++) sum += left[from] * right[from];
        return sum;
    }
}
