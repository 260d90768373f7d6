namespace HpcTrain.Training.Reduction;

/// <summary>
/// Makes the columns of a thin matrix orthonormal by the modified Gram-Schmidt process, in f64: what f32 columns have in common is then removed to f32 precision
/// even where they are nearly parallel. n r^2 operations one after the other, so all ranks get the same bits.
/// </summary>
internal static class Orthonormal
{
    // Below this part of its length, a column is what rounding left of a combination of the others.
    private const double Negligible = 1e-7;

    /// <summary>Makes the columns orthonormal in place; those that the others span become zero.</summary>
    /// <param name="matrix"><paramref name="rows"/> x <paramref name="columns"/> finite elements, row by row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="work">Room for as many elements as the matrix has.</param>
    /// <param name="dependent">Written for each column: whether it became zero.</param>
    public static void Make(Span<float> matrix, int rows, int columns, Span<double> work, Span<bool> dependent)
    {
        for (var k = 0; k < columns; k++)
        {
            var column = work.Slice(k * rows, rows);
            for (var i = 0; i < rows; i++)
            {
                column[i] = matrix[(i * columns) + k];
            }

            var length = Math.Sqrt(Dot(column, column));
            for (var earlier = 0; earlier < k; earlier++)
            {
                var other = work.Slice(earlier * rows, rows);
                var common = Dot(column, other);
                for (var i = 0; i < rows; i++)
                {
                    column[i] -= common * other[i];
                }
            }

            var rest = Math.Sqrt(Dot(column, column));
            dependent[k] = !(rest > Negligible * length);
            var factor = dependent[k] ? 0 : 1 / rest;
            for (var i = 0; i < rows; i++)
            {
                column[i] *= factor;
                matrix[(i * columns) + k] = (float)column[i];
            }
        }
    }

    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            sum += left[i] * right[i];
        }

        return sum;
    }
}
