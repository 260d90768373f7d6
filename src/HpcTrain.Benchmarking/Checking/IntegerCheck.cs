using System.Numerics;
using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Checking;

/// <summary>Checks integers: every bit is known.</summary>
/// <param name="wraps">
/// Whether contributions have all bits, so that sums and products overflow and must wrap around; otherwise they are as small as the operation needs.
/// </param>
internal sealed unsafe class IntegerCheck<T>(bool wraps) : ElementCheck
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    public override void WriteValues(void* to, long count, ulong stream, ReduceOp op, int ranks)
    {
        for (long i = 0; i < count; i++)
            ((T*)to)[i] = Contribution(stream, i, op, ranks);
    }

    public override void WriteBits(void* to, long count, ulong stream)
    {
        for (long i = 0; i < count; i++)
            ((T*)to)[i] = Value(stream, i);
    }

    public override void WriteOnes(void* to, long count)
    {
        for (long i = 0; i < count; i++)
            ((T*)to)[i] = T.One;
    }

    public override long CountWrongBits(void* result, long first, long count, ulong stream)
    {
        long wrong = 0;
        for (long i = 0; i < count; i++)
            wrong += ((T*)result)[i] == Value(stream, first + i) ? 0 : 1;
        return wrong;
    }

    public override long CountWrongReductions(void* result, long first, long count, ReadOnlySpan<ulong> streams, ReduceOp op, ElementType partialType)
    {
        long wrong = 0;
        for (long i = 0; i < count; i++)
        {
            T exact = Contribution(streams[0], first + i, op, streams.Length);
            for (int rank = 1; rank < streams.Length; rank++)
                exact = Fold(op, exact, Contribution(streams[rank], first + i, op, streams.Length));
            if (op == ReduceOp.Avg)
                exact = T.CreateTruncating(Int128.CreateTruncating(exact) / streams.Length);
            wrong += ((T*)result)[i] == exact ? 0 : 1;
        }

        return wrong;
    }

    private T Contribution(ulong stream, long index, ReduceOp op, int ranks)
    {
        T value = Value(stream, index);
        if (wraps || op is not (ReduceOp.Sum or ReduceOp.Avg or ReduceOp.Prod))
            return value;

        // A product of ones and minus ones is one of them.
        if (op == ReduceOp.Prod)
            return T.IsNegative(value) ? T.Zero - T.One : T.One;
        return T.CreateTruncating(Int128.CreateTruncating(value) / ranks);
    }

    private static T Value(ulong stream, long index) => T.CreateTruncating(RandomBits.At(stream, index));

    private static T Fold(ReduceOp op, T one, T other) => op switch
    {
        ReduceOp.Prod => unchecked(one * other),
        ReduceOp.Min => T.Min(one, other),
        ReduceOp.Max => T.Max(one, other),
        ReduceOp.BitAnd => one & other,
        ReduceOp.BitOr => one | other,
        ReduceOp.BitXor => one ^ other,
        _ => unchecked(one + other),
    };
}
