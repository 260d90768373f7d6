using System.Runtime.CompilerServices;
using HpcTrain.Kernels.Casts;
using HpcTrain.Kernels.Loops;

namespace HpcTrain.Kernels;

// What goes to many places is made block by block, each block small enough to stay in the first or second cache until it has gone
// everywhere. So memory sees each source read once and each destination written once: a destination that is also a source is written
// while its lines are still there from the reading, and one that is not, and would not fit into the caches, is written past them.
// For n ranks that reduce in place that is n reads and n writes, where a fold and n - 1 copies make 3n - 2 reads (n by the fold, two per
// copy: the source, and the line to be overwritten) and n writes.
public static unsafe partial class HostKernels
{
    /// <summary>The size of a block in a destination. Measured by bench/kernels: less shows the calls per block, more is slower out of
    /// place.</summary>
    private const int ManyBlockBytes = 16 << 10;

    /// <summary>
    /// Folds the sources as <see cref="ReduceMany"/> does, and writes the result to every destination, reading each source once. With
    /// <paramref name="averageOver"/> the result is divided on the way, as <see cref="FinishAverage(ElementType, void*, nint, int)"/> does
    /// it; the sums of f16 and bf16 are divided in f32, before their only rounding.
    /// </summary>
    /// <param name="type">The type of all arrays.</param>
    /// <param name="op">The operation.</param>
    /// <param name="destinations">At least one address of <paramref name="count"/> elements, written. Each may be the same address as
    /// any of the sources, and must not overlap a source or another destination otherwise.</param>
    /// <param name="sources">At least one address of <paramref name="count"/> elements. The same address may occur more than
    /// once.</param>
    /// <param name="count">The number of elements, not bytes.</param>
    /// <param name="averageOver">How many contributions the result is divided by; 0 leaves it as it is.</param>
    /// <exception cref="ArgumentException">No sources, no destinations, or a bitwise operation on floats.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type or operation, or a negative count or divisor.</exception>
    [SkipLocalsInit]
    public static void ReduceManyTo(
        ElementType type, ReduceOp op, ReadOnlySpan<nint> destinations, ReadOnlySpan<nint> sources, nint count, int averageOver = 0)
    {
        if (sources.IsEmpty)
            throw new ArgumentException("A reduction needs at least one source; the list of sources is empty.", nameof(sources));
        ThrowIfNowhere(destinations);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(averageOver);
        ReduceOps.ThrowIfUndefined(op, type);
        if (destinations.Length == 1 && averageOver == 0)
        {
            ReduceMany(type, op, (void*)destinations[0], sources, count);
            return;
        }

        int size = type.SizeInBytes();
        bool wide = averageOver > 0 && type is ElementType.F16 or ElementType.BF16;
        if (count <= ManyBlockBytes / size && !wide)
        {
            // A single block, without the bookkeeping, which would show beside so little work.
            byte* only = (byte*)destinations[0];
            ReduceMany(type, op, only, sources, count);
            if (averageOver > 0) FinishAverage(type, only, count, averageOver);
            foreach (nint destination in destinations) CopyBlock((byte*)destination, only, count * size, streamed: false);
            return;
        }

        bool streams = count * size >= StreamingCopy.MinBytes / destinations.Length;
        bool* streamed = stackalloc bool[destinations.Length];
        int direct = -1;
        for (int d = 0; d < destinations.Length; d++)
        {
            streamed[d] = streams && !sources.Contains(destinations[d]);
            if (!streamed[d] && direct < 0) direct = d;
        }

        float* sums = stackalloc float[wide ? ManyBlockBytes / sizeof(float) : 0];
        byte* aside = stackalloc byte[direct < 0 ? ManyBlockBytes : 0];
        nint* at = stackalloc nint[sources.Length];
        nint block = ManyBlockBytes / (wide ? sizeof(float) : size);
        nint length = block - FromBoundary(destinations[0]) / size;
        for (nint start = 0; start < count; start += length, length = block)
        {
            length = nint.Min(length, count - start);
            nint offset = start * size;
            for (int s = 0; s < sources.Length; s++) at[s] = sources[s] + offset;
            byte* result = direct < 0 ? aside : (byte*)destinations[direct] + offset;
            if (wide)
            {
                CastKernel.Run(type, (void*)at[0], ElementType.F32, sums, length);
                FoldIntoSingles(op, sums, type, at + 1, sources.Length - 1, length);
                FinishAverage(sums, type, result, length, averageOver);
            }
            else
            {
                Fold(type, op, result, (void*)at[0], at + 1, sources.Length - 1, length);
                if (averageOver > 0) FinishAverage(type, result, length, averageOver);
            }

            for (int d = 0; d < destinations.Length; d++)
                CopyBlock((byte*)destinations[d] + offset, result, length * size, streamed[d]);
        }
        if (streams) StreamingCopy.Fence();
    }

    /// <summary>
    /// Copies bytes, from some MiB on past the caches, where that is faster. A flag that the caller sets afterwards (by
    /// <see cref="Volatile"/>, as after any copy) is never seen before the data.
    /// </summary>
    /// <param name="destination"><paramref name="bytes"/> bytes, written; any alignment.</param>
    /// <param name="source"><paramref name="bytes"/> bytes; may be <paramref name="destination"/> itself, and must not overlap it
    /// otherwise.</param>
    /// <param name="bytes">The number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public static void Copy(void* destination, void* source, nint bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        bool streams = bytes >= StreamingCopy.MinBytes;
        CopyBlock((byte*)destination, (byte*)source, bytes, streams);
        if (streams) StreamingCopy.Fence();
    }

    /// <summary>Copies bytes to every destination as <see cref="Copy"/> does to one, reading the source once.</summary>
    /// <param name="destinations">At least one address of <paramref name="bytes"/> bytes, written; any alignment. Each may be
    /// <paramref name="source"/> itself, and must not overlap it or another destination otherwise.</param>
    /// <param name="source"><paramref name="bytes"/> bytes.</param>
    /// <param name="bytes">The number of bytes.</param>
    /// <exception cref="ArgumentException">No destinations.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public static void CopyToMany(ReadOnlySpan<nint> destinations, void* source, nint bytes)
    {
        ThrowIfNowhere(destinations);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        bool streams = bytes >= StreamingCopy.MinBytes / destinations.Length;
        nint length = ManyBlockBytes - FromBoundary(destinations[0]);
        for (nint start = 0; start < bytes; start += length, length = ManyBlockBytes)
        {
            length = nint.Min(length, bytes - start);
            foreach (nint destination in destinations)
                CopyBlock((byte*)destination + start, (byte*)source + start, length, streams);
        }
        if (streams) StreamingCopy.Fence();
    }

    private static void CopyBlock(byte* destination, byte* source, nint bytes, bool streamed)
    {
        if (destination == source) return;
        if (streamed) StreamingCopy.Run(destination, source, bytes);
        else Buffer.MemoryCopy(source, destination, bytes, bytes);
    }

    // The first block is shorter by this, so that the others start on a boundary, and streaming stores fill whole lines.
    private static nint FromBoundary(nint address) => address & (Tail.MaxRegisterBytes - 1);

    private static void ThrowIfNowhere(ReadOnlySpan<nint> destinations)
    {
        if (destinations.IsEmpty)
            throw new ArgumentException("The list of destinations is empty; it needs at least one.", nameof(destinations));
    }
}
