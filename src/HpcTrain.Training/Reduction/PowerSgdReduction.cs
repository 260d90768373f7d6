using System.Globalization;
using System.Numerics.Tensors;
using HpcTrain.Kernels;

namespace HpcTrain.Training.Reduction;

/// <summary>
/// Sums in which each matrix travels as two thin ones of rank r. M is a rank's gradient plus what it still owes. One step of a power iteration for the sum of all M:
/// P = M Q^T, summed over the ranks and made orthonormal; Q = P^T M, summed. All ranks take P Q for the sum; each keeps M - P (its own Q) for its next
/// step (error feedback), and Q is where the next step begins, so the iteration goes on over the steps (warm start).
/// </summary>
/// <remarks>
/// <para>A parameter of two or more dimensions is the matrix of its first dimension by all others: n x m. In f32 it takes 8 (p-1)/p n m bytes, here 8 (p-1)/p r (n + m). Where
/// that is no less, and for vectors, gradients are summed as they are, together with the P of the bucket: two allreduces a bucket.</para>
/// <para>A P or Q with a NaN or infinity on any rank makes the whole matrix NaN on all ranks, and this step changes neither residual nor Q. A column of P that is zero, or nothing
/// but the others, adds nothing, and its row of Q is drawn anew: it would stay zero for ever.</para>
/// <para>Vogels, Karimireddy and Jaggi, "PowerSGD" (NeurIPS 2019, arXiv 1905.13727), algorithms 1 and 2; sums instead of means.</para>
/// </remarks>
public sealed class PowerSgdReduction : GradientReduction
{
    /// <summary>The highest rank that can be asked for; gradients of rank 1 to 32 have been found useful.</summary>
    public const int MaxRank = 1024;

    private readonly Dictionary<string, float[]> _state = [];
    private readonly int _rank;
    private readonly long _seed;
    private IReadOnlyList<ThinBucket> _thin = [];
    private float[] _residual = [];
    private float[] _q = [];
    private float[] _wire = [];
    private float[] _ownQ = [];
    private double[] _work = [];

    /// <param name="rank">Rank of the approximations, from 1 to <see cref="MaxRank"/>; a matrix with fewer rows or columns has less.</param>
    /// <param name="seed">Seed of where the iterations begin; the same on all ranks.</param>
    public PowerSgdReduction(int rank, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, MaxRank);
        (_rank, _seed) = (rank, seed);
    }

    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"powersgd:{_rank}");

    /// <summary>"residual": what this rank owes, laid out as the flat gradients; "q": the Q of all matrices, one after the other, the same on all ranks.</summary>
    public override IReadOnlyDictionary<string, float[]> State => _state;

    /// <inheritdoc/>
    protected override void Allocate()
    {
        var next = 0;
        _thin = [.. Buckets.Select(bucket =>
        {
            var thin = new ThinBucket(bucket, _rank, next);
            next = checked(next + thin.QLength);
            return thin;
        })];
        _state["residual"] = _residual = new float[FlatLength];
        _state["q"] = _q = new float[next];
        _wire = new float[_thin.Select(t => Math.Max(t.FirstLength, t.QLength)).DefaultIfEmpty().Max()];
        _ownQ = new float[_thin.Select(t => t.QLength).DefaultIfEmpty().Max()];
        _work = new double[_thin.SelectMany(t => t.Matrices).Select(m => m.PLength).DefaultIfEmpty().Max()];
        foreach (var matrix in _thin.SelectMany(t => t.Matrices))
        {
            for (var k = 0; k < matrix.Rank; k++)
            {
                Draw(matrix, k);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Apply(GradientBucket bucket, Span<float> gradients)
    {
        var thin = _thin[bucket.Index];
        foreach (var matrix in thin.Matrices)
        {
            var owed = gradients.Slice(matrix.Offset, matrix.Count);
            TensorPrimitives.Add(owed, Residual(bucket, matrix), owed);
        }

        SumFirst(thin, gradients);
        SumSecond(thin, gradients);
        foreach (var matrix in thin.Matrices)
        {
            Finish(bucket, matrix, gradients.Slice(matrix.Offset, matrix.Count));
        }
    }

    // All P of the bucket and its vectors, in one allreduce; then P is made orthonormal, by all ranks alike.
    private void SumFirst(ThinBucket thin, Span<float> gradients)
    {
        var wire = _wire.AsSpan(0, thin.FirstLength);
        foreach (var matrix in thin.Matrices)
        {
            matrix.Project(gradients.Slice(matrix.Offset, matrix.Count), Q(matrix), wire.Slice(matrix.POffset, matrix.PLength));
        }

        foreach (var plain in thin.Plain)
        {
            gradients.Slice(plain.Offset, plain.Length).CopyTo(wire[plain.WireOffset..]);
        }

        if (wire.Length > 0)
        {
            SumPlainly(wire);
        }

        foreach (var plain in thin.Plain)
        {
            wire.Slice(plain.WireOffset, plain.Length).CopyTo(gradients[plain.Offset..]);
        }

        foreach (var matrix in thin.Matrices)
        {
            var p = wire.Slice(matrix.POffset, matrix.PLength);
            matrix.IsFinite = AllFinite(p);
            p.CopyTo(matrix.P);
            if (matrix.IsFinite)
            {
                Orthonormal.Make(matrix.P, matrix.Rows, matrix.Rank, _work, matrix.IsDependent);
            }
        }
    }

    // All Q of the bucket, in one allreduce. A matrix that is given up already takes part with zeros.
    private void SumSecond(ThinBucket thin, Span<float> gradients)
    {
        if (thin.QLength == 0)
        {
            return;
        }

        var wire = _wire.AsSpan(0, thin.QLength);
        foreach (var matrix in thin.Matrices)
        {
            var own = wire.Slice(matrix.QOffset - thin.QOffset, matrix.QLength);
            own.Clear();
            if (matrix.IsFinite)
            {
                matrix.ProjectBack(gradients.Slice(matrix.Offset, matrix.Count), matrix.P, own);
            }

            own.CopyTo(_ownQ.AsSpan(matrix.QOffset - thin.QOffset));
        }

        SumPlainly(wire);
        foreach (var matrix in thin.Matrices)
        {
            var sum = wire.Slice(matrix.QOffset - thin.QOffset, matrix.QLength);
            matrix.IsFinite &= AllFinite(sum);
            if (matrix.IsFinite)
            {
                sum.CopyTo(Q(matrix));
            }
        }
    }

    private void Finish(GradientBucket bucket, ThinMatrix matrix, Span<float> gradients)
    {
        if (!matrix.IsFinite)
        {
            gradients.Fill(float.NaN);
            return;
        }

        var ownQ = _ownQ.AsSpan(matrix.QOffset - _thin[bucket.Index].QOffset, matrix.QLength);
        matrix.Subtract(gradients, ownQ, Residual(bucket, matrix));
        matrix.Expand(Q(matrix), gradients);
        for (var k = 0; k < matrix.Rank; k++)
        {
            if (matrix.IsDependent[k])
            {
                Draw(matrix, k);
            }
        }
    }

    // Any row will do that is not orthogonal to what matters: uniform numbers, which need no library function whose bits differ between machines.
    private void Draw(ThinMatrix matrix, int k)
    {
        var key = RoundingKey.Of(_seed, Steps, matrix.QOffset, k);
        var row = Q(matrix).Slice(k * matrix.Columns, matrix.Columns);
        for (var j = 0; j < row.Length; j++)
        {
            row[j] = (int)key[(uint)j] / -(float)int.MinValue;
        }
    }

    private Span<float> Q(ThinMatrix matrix) => _q.AsSpan(matrix.QOffset, matrix.QLength);

    private Span<float> Residual(GradientBucket bucket, ThinMatrix matrix) => _residual.AsSpan(bucket.Offset + matrix.Offset, matrix.Count);

    private static bool AllFinite(ReadOnlySpan<float> values) => values.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude(values));
}
