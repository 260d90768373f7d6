using System.Numerics;
using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Checking;

/// <summary>Checks integers, which wrap around: every bit is known.</summary>
internal sealed unsafe class IntegerCheck<T> : ElementCheck
    where T : unmanaged, IBinaryInteger<T>
{
    public override void WriteValues(void* to, long count, ulong stream, ReduceOp op, int ranks) => WriteBits(to, count, stream);

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
            T exact = Value(streams[0], first + i);
            for (int rank = 1; rank < streams.Length; rank++)
                exact = Fold(op, exact, Value(streams[rank], first + i));
            if (op == ReduceOp.Avg)
                exact = T.CreateTruncating(Int128.CreateTruncating(exact) / streams.Length);
            wrong += ((T*)result)[i] == exact ? 0 : 1;
        }

        return wrong;
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
