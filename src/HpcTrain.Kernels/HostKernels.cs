using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using HpcTrain.Kernels.Formats;
using HpcTrain.Kernels.Loops;

namespace HpcTrain.Kernels;

/// <summary>
/// Element-wise kernels on this host's vector units. All methods work on raw memory that the caller owns and keeps alive:
/// pointers to <c>count</c> elements, aligned to the element size (more is not needed). They allocate nothing, and may run on any
/// number of threads at once on memory that does not overlap. A result's bits depend on the operands only: not on the width of
/// the registers, on the length or on alignment.
/// <para>Floating point: no multiplication is contracted with an addition; f16 and bf16 are computed in f32 and rounded once, to
/// nearest even, when they are stored. Subnormals are kept. Every NaN that a reduction, a scaling or an average yields is the positive
/// quiet NaN without payload, whatever the NaNs that went in: which one survives differs between processors.</para>
/// </summary>
public static unsafe partial class HostKernels
{
    /// <summary>The vector units in use, such as "AVX-512 (Vector512)".</summary>
    public static string Description { get; } = Describe();

    /// <summary>
    /// destination[i] = destination[i] op source[i]; <see cref="ReduceOp.Avg"/> reduces as a sum, to be finished by
    /// <see cref="FinishAverage(ElementType, void*, nint, int)"/>, and <see cref="ReduceOp.PreMulSum"/> as a sum of what was scaled
    /// before. Integers wrap around. Min and Max give NaN when either is, and take -0 for less than +0.
    /// </summary>
    /// <param name="type">The type of both arrays.</param>
    /// <param name="op">The operation.</param>
    /// <param name="destination"><paramref name="count"/> elements, read and written.</param>
    /// <param name="source"><paramref name="count"/> elements; may be <paramref name="destination"/> itself, and must not overlap
    /// it otherwise.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <exception cref="ArgumentException">A bitwise operation on floats.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type or operation, or a negative count.</exception>
    public static void Reduce(ElementType type, ReduceOp op, void* destination, void* source, nint count)
    {
        nint only = (nint)source;
        Fold(type, op, destination, destination, &only, 1, count);
    }

    /// <summary>
    /// destination[i] = ((s0[i] op s1[i]) op s2[i]) op ..., in the order of <paramref name="sources"/>, reading each source once
    /// and writing the destination once. f16 and bf16 are folded in f32 and rounded once at the end. For the rest as
    /// <see cref="Reduce(ElementType, ReduceOp, void*, void*, nint)"/>. One source is copied.
    /// </summary>
    /// <param name="type">The type of all arrays.</param>
    /// <param name="op">The operation.</param>
    /// <param name="destination"><paramref name="count"/> elements, written. May be the same address as any of the sources (even
    /// several), and must not overlap any source otherwise.</param>
    /// <param name="sources">At least one address of <paramref name="count"/> elements. The same address may occur more than
    /// once.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <exception cref="ArgumentException">No sources, or a bitwise operation on floats.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type or operation, or a negative count.</exception>
    public static void ReduceMany(ElementType type, ReduceOp op, void* destination, ReadOnlySpan<nint> sources, nint count)
    {
        if (sources.IsEmpty)
            throw new ArgumentException("A reduction needs at least one source; the list of sources is empty.", nameof(sources));
        fixed (nint* addresses = sources)
            Fold(type, op, destination, (void*)addresses[0], addresses + 1, sources.Length - 1, count);
    }

    /// <summary>
    /// accumulator[i] = accumulator[i] op (float)source[i]: one step of a reduction of f16 or bf16 whose partial results stay in
    /// f32 until the last rounding, which <see cref="Cast"/> or
    /// <see cref="FinishAverage(float*, ElementType, void*, nint, int)"/> does.
    /// </summary>
    /// <param name="op">The operation; Avg and PreMulSum reduce as a sum.</param>
    /// <param name="accumulator"><paramref name="count"/> floats, read and written.</param>
    /// <param name="sourceType">F16, BF16, or F32 (then this is
    /// <see cref="Reduce(ElementType, ReduceOp, void*, void*, nint)"/>).</param>
    /// <param name="source"><paramref name="count"/> elements; must not overlap the accumulator, unless it is the same f32
    /// array.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <exception cref="ArgumentException">A bitwise operation.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Another source type, an unknown operation, or a negative count.</exception>
    public static void ReduceInto(ReduceOp op, float* accumulator, ElementType sourceType, void* source, nint count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ReduceOps.ThrowIfUndefined(op, sourceType);
        nint only = (nint)source;
        FoldIntoSingles(op, accumulator, sourceType, &only, 1, count);
    }

    private static void FoldIntoSingles(ReduceOp op, float* accumulator, ElementType sourceType, nint* sources, int sourceCount, nint count)
    {
        switch (sourceType)
        {
            case ElementType.F32:
                Fold<PlainFormat<float>, PlainFormat<float>, float, float, float>(
                    op, accumulator, accumulator, sources, sourceCount, count);
                break;
            case ElementType.F16:
                Fold<PlainFormat<float>, Float16Format, float, Half, float>(op, accumulator, accumulator, sources, sourceCount, count);
                break;
            case ElementType.BF16:
                Fold<PlainFormat<float>, BFloat16Format, float, BFloat16, float>(op, accumulator, accumulator, sources, sourceCount, count);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(sourceType), sourceType,
                    $"Only f32, f16 and bf16 are reduced in f32, not {sourceType.Name()}.");
        }
    }

    private static void Fold(
        ElementType type, ReduceOp op, void* destination, void* first, nint* others, int otherCount, nint count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ReduceOps.ThrowIfUndefined(op, type);
        switch (type)
        {
            case ElementType.F32: FoldPlain<float>(op, destination, first, others, otherCount, count); break;
            case ElementType.F64: FoldPlain<double>(op, destination, first, others, otherCount, count); break;
            case ElementType.F16:
                Fold<Float16Format, Float16Format, Half, Half, float>(
                    op, (Half*)destination, (Half*)first, others, otherCount, count);
                break;
            case ElementType.BF16:
                Fold<BFloat16Format, BFloat16Format, BFloat16, BFloat16, float>(
                    op, (BFloat16*)destination, (BFloat16*)first, others, otherCount, count);
                break;
            case ElementType.I8: FoldPlain<sbyte>(op, destination, first, others, otherCount, count); break;
            case ElementType.U8: FoldPlain<byte>(op, destination, first, others, otherCount, count); break;
            case ElementType.I16: FoldPlain<short>(op, destination, first, others, otherCount, count); break;
            case ElementType.U16: FoldPlain<ushort>(op, destination, first, others, otherCount, count); break;
            case ElementType.I32: FoldPlain<int>(op, destination, first, others, otherCount, count); break;
            case ElementType.U32: FoldPlain<uint>(op, destination, first, others, otherCount, count); break;
            case ElementType.I64: FoldPlain<long>(op, destination, first, others, otherCount, count); break;
            case ElementType.U64: FoldPlain<ulong>(op, destination, first, others, otherCount, count); break;
            default: throw ElementTypes.Unknown(type);
        }
    }

    private static void FoldPlain<T>(ReduceOp op, void* destination, void* first, nint* others, int otherCount, nint count)
        where T : unmanaged =>
        Fold<PlainFormat<T>, PlainFormat<T>, T, T, T>(op, (T*)destination, (T*)first, others, otherCount, count);

    private static void Fold<TDestinationFormat, TSourceFormat, TDestination, TSource, TLane>(
        ReduceOp op, TDestination* destination, TDestination* first, nint* others, int otherCount, nint count)
        where TDestinationFormat : IElementFormat<TLane, TDestination>
        where TSourceFormat : IElementFormat<TLane, TSource>
        where TDestination : unmanaged where TSource : unmanaged where TLane : unmanaged
    {
        switch (op)
        {
            case ReduceOp.Sum or ReduceOp.Avg or ReduceOp.PreMulSum:
                Fold<SumOperation, TDestinationFormat, TSourceFormat, TDestination, TSource, TLane>(
                    destination, first, others, otherCount, count);
                break;
            case ReduceOp.Prod:
                Fold<ProdOperation, TDestinationFormat, TSourceFormat, TDestination, TSource, TLane>(
                    destination, first, others, otherCount, count);
                break;
            case ReduceOp.Min:
                Fold<MinOperation, TDestinationFormat, TSourceFormat, TDestination, TSource, TLane>(
                    destination, first, others, otherCount, count);
                break;
            case ReduceOp.Max:
                Fold<MaxOperation, TDestinationFormat, TSourceFormat, TDestination, TSource, TLane>(
                    destination, first, others, otherCount, count);
                break;
            case ReduceOp.BitAnd:
                Fold<AndOperation, TDestinationFormat, TSourceFormat, TDestination, TSource, TLane>(
                    destination, first, others, otherCount, count);
                break;
            case ReduceOp.BitOr:
                Fold<OrOperation, TDestinationFormat, TSourceFormat, TDestination, TSource, TLane>(
                    destination, first, others, otherCount, count);
                break;
            case ReduceOp.BitXor:
                Fold<XorOperation, TDestinationFormat, TSourceFormat, TDestination, TSource, TLane>(
                    destination, first, others, otherCount, count);
                break;
            default: throw ReduceOps.Unknown(op);
        }
    }

    private static void Fold<TOp, TDestinationFormat, TSourceFormat, TDestination, TSource, TLane>(
        TDestination* destination, TDestination* first, nint* others, int otherCount, nint count)
        where TOp : IOperation
        where TDestinationFormat : IElementFormat<TLane, TDestination>
        where TSourceFormat : IElementFormat<TLane, TSource>
        where TDestination : unmanaged where TSource : unmanaged where TLane : unmanaged
    {
        bool plain = typeof(TDestination) == typeof(TLane) && typeof(TSource) == typeof(TLane);
        if (plain && StreamingReduceLoop.Pays(destination, first, others, otherCount, count * sizeof(TLane)))
            StreamingReduceLoop.Run<TOp, TLane>((TLane*)destination, (TLane*)first, others, otherCount, count);
        else
            ReduceLoop.Run<TOp, TDestinationFormat, TSourceFormat, TDestination, TSource, TLane>(
                destination, first, others, otherCount, 0, count);
    }

    private static string Describe()
    {
        string width =
            Vector512.IsHardwareAccelerated ? "Vector512" : Vector256.IsHardwareAccelerated ? "Vector256" : "Vector128";
        string units = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 or Architecture.X86 => width switch { "Vector512" => "AVX-512", "Vector256" => "AVX2", _ => "SSE" },
            Architecture.Arm64 => "NEON",
            var other => other.ToString(),
        };
        return Vector128.IsHardwareAccelerated ? $"{units} ({width})" : $"no vector units ({units}, {width} emulated)";
    }
}
