using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace HpcTrain.Kernels.Loops;

/// <summary>
/// Each product reads the large matrix once. A tile of it is as wide as a few registers; what belongs to the tile of the thin matrices stays in registers
/// or in the first cache meanwhile. Columns that do not fill a register go one by one, with the same operations in the same order.
/// The loops are written for 16 lanes; .NET makes two or four registers of them where those are narrower, lane by lane, so the bits are the same.
/// </summary>
internal static unsafe class LowRankLoop
{
    private const int Lanes = 16, Together = 4, ColumnTile = Together * Lanes;

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

    /// <summary>Tiles of 64 columns, then of 16: the sums of a row's tile are in registers, and the tile of Q in the first or second cache for all rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(float* p, float* q, int rows, int columns, int rank, float* minuend, float* matrix)
    {
        int j = 0;
        for (; j <= columns - ColumnTile; j += ColumnTile)
        {
            for (int i = 0; i < rows; i++)
            {
                float* factors = p + (nint)i * rank;
                Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
                for (int k = 0; k < rank; k++)
                {
                    float* source = q + (nint)k * columns + j;
                    Vector512<float> factor = Vector512.Create(factors[k]);
                    s0 += factor * Vector512.Load(source);
                    s1 += factor * Vector512.Load(source + Lanes);
                    s2 += factor * Vector512.Load(source + 2 * Lanes);
                    s3 += factor * Vector512.Load(source + 3 * Lanes);
                }
                nint at = (nint)i * columns + j;
                Put(s0, minuend, matrix, at);
                Put(s1, minuend, matrix, at + Lanes);
                Put(s2, minuend, matrix, at + 2 * Lanes);
                Put(s3, minuend, matrix, at + 3 * Lanes);
            }
        }
        for (; j <= columns - Lanes; j += Lanes)
        {
            for (int i = 0; i < rows; i++)
            {
                float* factors = p + (nint)i * rank;
                Vector512<float> sum = default;
                for (int k = 0; k < rank; k++) sum += Vector512.Create(factors[k]) * Vector512.Load(q + (nint)k * columns + j);
                Put(sum, minuend, matrix, (nint)i * columns + j);
            }
        }
        for (int i = 0; i < rows; i++)
        {
            for (int column = j; column < columns; column++)
            {
                float sum = 0;
                for (int k = 0; k < rank; k++) sum += p[(nint)i * rank + k] * q[(nint)k * columns + column];
                nint at = (nint)i * columns + column;
                matrix[at] = minuend == null ? sum : minuend[at] - sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector512<float> sum, float* minuend, float* matrix, nint at) =>
        (minuend == null ? sum : Vector512.Load(minuend + at) - sum).Store(matrix + at);

    private static float Finish(Vector512<float> lanes, float* left, float* right, int from, int to)
    {
        float sum = lanes[0];
        for (int lane = 1; lane < Lanes; lane++) sum += lanes[lane];
        for (; from < to; from++) sum += left[from] * right[from];
        return sum;
    }
}
