using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Checking;

/// <summary>Checks floats against a reduction in f64.</summary>
internal sealed unsafe class FloatCheck<TFormat> : ElementCheck
    where TFormat : struct, IFloatFormat
{
    // Idea. Contributions use all bits of the significand, so that a lost or doubled one, or one of another element, shows. How far a right result
    // may be from the exact one is known: n - 1 roundings of partial sums, none larger than u times n, for contributions to a sum lie between -1 and 1
    // (twice that, when they are multiplied first), then one to the type of the result. u belongs to the type in which partial sums travelled. Minimum
    // and maximum are exact.
    private const int Block = 512;

    // Contributions to a product lie around one, the closer the more ranks there are, so that the product stays within e^4.
    private const double Spread = 4;

    private static double Unit(int precision) => Math.ScaleB(1, -precision);

    public override void WriteValues(void* to, long count, ulong stream, ReduceOp op, int ranks)
    {
        var values = new Values(op, ranks);
        for (long i = 0; i < count; i++)
            TFormat.Write(to, i, values.Of(RandomBits.At(stream, i)));
    }

    public override void WriteBits(void* to, long count, ulong stream)
    {
        for (long i = 0; i < count; i++)
            WriteRaw(to, i, RandomBits.At(stream, i));
    }

    public override void WriteOnes(void* to, long count)
    {
        for (long i = 0; i < count; i++)
            TFormat.Write(to, i, 1);
    }

    public override long CountWrongBits(void* result, long first, long count, ulong stream)
    {
        long wrong = 0;
        for (long i = 0; i < count; i++)
            wrong += IsRaw(result, i, RandomBits.At(stream, first + i)) ? 0 : 1;
        return wrong;
    }

    public override long CountWrongReductions(void* result, long first, long count, ReadOnlySpan<ulong> streams, ReduceOp op, ElementType partialType)
    {
        var values = new Values(op, streams.Length);
        Span<double> exact = stackalloc double[Block];
        long wrong = 0;
        for (long done = 0; done < count; done += Block)
        {
            int length = (int)Math.Min(Block, count - done);
            Reduce(values, streams, op, first + done, exact[..length]);
            for (int i = 0; i < length; i++)
            {
                // Not within the tolerance is wrong, so that a NaN is.
                double tolerance = Tolerance(op, streams.Length, exact[i], partialType);
                if (!(Math.Abs(TFormat.Read(result, done + i) - exact[i]) <= tolerance))
                    wrong++;
            }
        }

        return wrong;
    }

    private static void Reduce(Values values, ReadOnlySpan<ulong> streams, ReduceOp op, long first, Span<double> exact)
    {
        for (int i = 0; i < exact.Length; i++)
            exact[i] = (op == ReduceOp.PreMulSum ? Workload.FactorOf(0) : 1) * values.Of(RandomBits.At(streams[0], first + i));
        for (int rank = 1; rank < streams.Length; rank++)
        {
            double factor = op == ReduceOp.PreMulSum ? Workload.FactorOf(rank) : 1;
            for (int i = 0; i < exact.Length; i++)
            {
                double value = factor * values.Of(RandomBits.At(streams[rank], first + i));
                exact[i] = op switch
                {
                    ReduceOp.Prod => exact[i] * value,
                    ReduceOp.Min => Math.Min(exact[i], value),
                    ReduceOp.Max => Math.Max(exact[i], value),
                    _ => exact[i] + value,
                };
            }
        }

        for (int i = 0; op == ReduceOp.Avg && i < exact.Length; i++)
            exact[i] /= streams.Length;
    }

    /// <summary>How far from the reference a right result may be.</summary>
    private static double Tolerance(ReduceOp op, int ranks, double exact, ElementType partialType)
    {
        if (op is ReduceOp.Min or ReduceOp.Max)
            return 0;

        // The reference has roundings of its own, which count where the type is f64: twice the bound covers them.
        double own = Unit(TFormat.Precision), partial = Unit(PrecisionOf(partialType));
        double steps = 2.0 * ranks * partial;
        return op switch
        {
            ReduceOp.Prod => Math.Abs(exact) * (steps + own),
            ReduceOp.Avg => steps + (Math.Abs(exact) * 2 * own),
            ReduceOp.PreMulSum => (2 * steps * ranks) + (Math.Abs(exact) * 2 * own),
            _ => (steps * ranks) + (Math.Abs(exact) * 2 * own),
        };
    }

    private static int PrecisionOf(ElementType type) => type switch
    {
        ElementType.F16 => F16Format.Precision,
        ElementType.BF16 => BF16Format.Precision,
        ElementType.F64 => F64Format.Precision,
        _ => F32Format.Precision,
    };

    private static void WriteRaw(void* to, long index, ulong bits)
    {
        if (TFormat.Size == sizeof(ushort))
            ((ushort*)to)[index] = (ushort)bits;
        else if (TFormat.Size == sizeof(uint))
            ((uint*)to)[index] = (uint)bits;
        else
            ((ulong*)to)[index] = bits;
    }

    private static bool IsRaw(void* from, long index, ulong bits) =>
        TFormat.Size == sizeof(ushort) ? ((ushort*)from)[index] == (ushort)bits
        : TFormat.Size == sizeof(uint) ? ((uint*)from)[index] == (uint)bits
        : ((ulong*)from)[index] == bits;

    /// <summary>The contributions to an operation, exact in the type.</summary>
    private readonly struct Values
    {
        private readonly bool _isProduct;
        private readonly double _low;
        private readonly double _step;

        public Values(ReduceOp op, int ranks)
        {
            // Products: magnitudes from 1 - d to 1 / (1 - d), on a grid that the type can hold throughout.
            _isProduct = op == ReduceOp.Prod;
            double grid = Unit(TFormat.Precision - 1);
            double low = Math.Floor((1 - Math.Min(0.5, Spread / ranks)) / grid) * grid;
            _low = low;
            _step = (1 / low) - low;
        }

        public double Of(ulong bits)
        {
            if (!_isProduct)
                return ((long)bits >> (64 - TFormat.Precision)) * Unit(TFormat.Precision - 1);
            double grid = Unit(TFormat.Precision - 1);
            double magnitude = Math.Floor((_low + ((bits >> 12) * Unit(52) * _step)) / grid) * grid;
            return (bits & 1) == 0 ? magnitude : -magnitude;
        }
    }
}
