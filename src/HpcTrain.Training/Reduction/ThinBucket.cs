using HpcTrain.Kernels;

namespace HpcTrain.Training.Reduction;

/// <summary>How a bucket travels in <see cref="PowerSgdReduction"/>: which of its slots as thin matrices, and which ranges as they are.</summary>
internal sealed class ThinBucket
{
    /// <param name="bucket">The bucket.</param>
    /// <param name="rank">The rank asked for.</param>
    /// <param name="qOffset">Where its Q begin among those of all buckets.</param>
    public ThinBucket(GradientBucket bucket, int rank, int qOffset)
    {
        QOffset = qOffset;
        var (matrices, plain) = (new List<ThinMatrix>(), new List<PlainRange>());
        foreach (var slot in bucket.Slots)
        {
            var offset = slot.Offset - bucket.Offset;
            var rows = slot.Shape.Count < 2 || slot.Count == 0 ? 1 : (int)slot.Shape[0];
            var matrix = new ThinMatrix(offset, rows, slot.Count / rows, Math.Min(rank, Math.Min(rows, slot.Count / rows)), FirstLength, QOffset + QLength);
            if (matrix.PLength + matrix.QLength < matrix.Count)
            {
                matrices.Add(matrix);
                FirstLength += matrix.PLength;
                QLength += matrix.QLength;
            }
            else
            {
                plain.Add(new PlainRange(offset, slot.Count, FirstLength));
                FirstLength += slot.Count;
            }
        }

        (Matrices, Plain) = (matrices, plain);
    }

    public IReadOnlyList<ThinMatrix> Matrices { get; }

    public IReadOnlyList<PlainRange> Plain { get; }

    /// <summary>Elements of the first allreduce: P and what travels as it is.</summary>
    public int FirstLength { get; }

    public int QOffset { get; }

    /// <summary>Elements of the second allreduce.</summary>
    public int QLength { get; }
}

/// <summary>Gradients that travel as they are: where they lie in the bucket and in the first allreduce.</summary>
internal readonly record struct PlainRange(int Offset, int Length, int WireOffset);

/// <summary>A matrix of a bucket, its P, and what became of it in this step.</summary>
internal sealed unsafe class ThinMatrix(int offset, int rows, int columns, int rank, int pOffset, int qOffset)
{
    private float[]? _p;

    /// <summary>Its first element in the bucket.</summary>
    public int Offset { get; } = offset;

    public int Rows { get; } = rows;

    public int Columns { get; } = columns;

    public int Count => Rows * Columns;

    public int Rank { get; } = rank;

    /// <summary>Where its P lies in the first allreduce.</summary>
    public int POffset { get; } = pOffset;

    public int PLength => Rows * Rank;

    /// <summary>Where its Q lies among those of all buckets.</summary>
    public int QOffset { get; } = qOffset;

    public int QLength => Rank * Columns;

    /// <summary>Its P, the same on all ranks after the first allreduce.</summary>
    public Span<float> P => _p ??= new float[PLength];

    /// <summary>Whether this step's P and Q are finite.</summary>
    public bool IsFinite { get; set; }

    /// <summary>Which columns of P add nothing in this step.</summary>
    public bool[] IsDependent { get; } = new bool[rank];

    // Spans have the lengths that the kernels take from the shape: the slices that callers make by Count, PLength and QLength.

    public void Project(ReadOnlySpan<float> matrix, ReadOnlySpan<float> q, Span<float> p)
    {
        fixed (float* m = matrix, right = q, target = p)
        {
            LowRankKernels.Project(m, Rows, Columns, right, Rank, target);
        }
    }

    public void ProjectBack(ReadOnlySpan<float> matrix, ReadOnlySpan<float> p, Span<float> q)
    {
        fixed (float* m = matrix, left = p, target = q)
        {
            LowRankKernels.ProjectBack(m, Rows, Columns, left, Rank, target);
        }
    }

    public void Subtract(ReadOnlySpan<float> matrix, ReadOnlySpan<float> q, Span<float> rest)
    {
        fixed (float* m = matrix, left = P, right = q, target = rest)
        {
            LowRankKernels.Subtract(m, left, right, Rows, Columns, Rank, target);
        }
    }

    public void Expand(ReadOnlySpan<float> q, Span<float> matrix)
    {
        fixed (float* left = P, right = q, target = matrix)
        {
            LowRankKernels.Expand(left, right, Rows, Columns, Rank, target);
        }
    }
}
