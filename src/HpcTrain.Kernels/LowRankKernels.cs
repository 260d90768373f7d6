using HpcTrain.Kernels.Loops;

namespace HpcTrain.Kernels;

/// <summary>
/// Products of a large row-major matrix with thin ones, in f32: what low-rank approximations and sums of outer products need. A thin matrix P has
/// <c>rows</c> x <c>rank</c> elements, row by row; Q has <c>rank</c> x <c>columns</c>, row by row. Products and sums are rounded one by one, in an order that depends
/// on the shape alone, so the bits are the same on every machine, and all ranks that compute the same get the same. NaN and infinity spread as
/// in any product.
/// </summary>
/// <remarks>
/// The caller owns the memory; no destination may overlap a source unless it says so. Calls allocate nothing, and may run on any number of threads on separate memory.
/// </remarks>
public static unsafe class LowRankKernels
{
    /// <summary>P = M Q^T: the matrix seen along the rows of Q.</summary>
    /// <param name="matrix"><paramref name="rows"/> x <paramref name="columns"/> elements.</param>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="q">The <paramref name="rank"/> rows.</param>
    /// <param name="rank">Rows of Q.</param>
    /// <param name="p"><paramref name="rows"/> x <paramref name="rank"/> elements, written.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public static void Project(float* matrix, int rows, int columns, float* q, int rank, float* p)
    {
        ThrowIfNegative(rows, columns, rank);
        LowRankLoop.Project(matrix, rows, columns, q, rank, p);
    }

    /// <summary>Q = P^T M: the matrix seen along the columns of P.</summary>
    /// <param name="matrix"><paramref name="rows"/> x <paramref name="columns"/> elements.</param>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="p"><paramref name="rows"/> x <paramref name="rank"/> elements.</param>
    /// <param name="rank">Columns of P.</param>
    /// <param name="q"><paramref name="rank"/> x <paramref name="columns"/> elements, written.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public static void ProjectBack(float* matrix, int rows, int columns, float* p, int rank, float* q)
    {
        ThrowIfNegative(rows, columns, rank);
        LowRankLoop.ProjectBack(matrix, rows, columns, p, rank, q);
    }

    /// <summary>M = P Q: the sum of <paramref name="rank"/> outer products, added in their order.</summary>
    /// <param name="p"><paramref name="rows"/> x <paramref name="rank"/> elements.</param>
    /// <param name="q"><paramref name="rank"/> x <paramref name="columns"/> elements.</param>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="rank">Columns of P, and rows of Q.</param>
    /// <param name="matrix"><paramref name="rows"/> x <paramref name="columns"/> elements, written.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public static void Expand(float* p, float* q, int rows, int columns, int rank, float* matrix)
    {
        ThrowIfNegative(rows, columns, rank);
        LowRankLoop.Expand(p, q, rows, columns, rank, minuend: null, matrix);
    }

    /// <summary>R = M - P Q: what the product leaves of a matrix.</summary>
    /// <param name="matrix"><paramref name="rows"/> x <paramref name="columns"/> elements.</param>
    /// <param name="p"><paramref name="rows"/> x <paramref name="rank"/> elements.</param>
    /// <param name="q"><paramref name="rank"/> x <paramref name="columns"/> elements.</param>
    /// <param name="rows">Rows of the matrix.</param>
    /// <param name="columns">Columns of the matrix.</param>
    /// <param name="rank">Columns of P, and rows of Q.</param>
    /// <param name="rest"><paramref name="rows"/> x <paramref name="columns"/> elements, written. May be the matrix itself.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public static void Subtract(float* matrix, float* p, float* q, int rows, int columns, int rank, float* rest)
    {
        ThrowIfNegative(rows, columns, rank);
        LowRankLoop.Expand(p, q, rows, columns, rank, matrix, rest);
    }

    private static void ThrowIfNegative(int rows, int columns, int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
    }
}
