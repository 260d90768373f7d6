using HpcTrain.Kernels.Gpu.Launching;
using HpcTrain.Kernels.Gpu.Loops;
using HpcTrain.Kernels.Gpu.Memory;
using ILGPU;
using ILGPU.Runtime;

namespace HpcTrain.Kernels.Gpu;

/// <summary>
/// <see cref="HostKernels"/> for memory of an ILGPU accelerator: the same operations, element types and bits. Arrays are views of bytes,
/// slices of an ILGPU buffer (<c>buffer.View.SubView(offset, bytes)</c>) or of foreign memory (<see cref="WrappedMemory"/>), which the caller
/// owns and keeps alive until the work is done; they begin at a multiple of the element size. Counts are elements, not bytes.
/// <para>Every call only queues work, on <see cref="Stream"/>, and work runs in the order of the calls: a <see cref="StreamMarker"/> tells when
/// it is done. The first call for a type and an operation compiles a kernel, which takes some milliseconds. An instance is for one
/// thread at a time.</para>
/// <para>Checked on ILGPU's CPU accelerator, and by reading the code generated for CUDA; not yet run on a GPU.</para>
/// </summary>
public sealed partial class DeviceKernels : IDisposable
{
    private const int MaxThreadsPerGroup = 256, GroupsPerMultiprocessor = 8;
    private readonly KernelCache _kernels;

    /// <summary>Kernels for an accelerator, which has to live longer.</summary>
    /// <param name="accelerator">The accelerator that owns all memory given to the kernels.</param>
    /// <param name="stream">The stream that the work is queued on; the accelerator's default stream if null. Not disposed here.</param>
    /// <exception cref="NotSupportedException">The accelerator's context has another math mode than the default.</exception>
    public DeviceKernels(Accelerator accelerator, AcceleratorStream? stream = null)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        MathMode mode = accelerator.Context.Properties.MathMode;
        if (mode != MathMode.Default)
            throw new NotSupportedException(
                $"The ILGPU context has MathMode.{mode}, which approximates and flushes subnormals; create it with MathMode.Default.");
        Accelerator = accelerator;
        Stream = stream ?? accelerator.DefaultStream;
        _kernels = new(accelerator);
    }

    /// <summary>The largest number of sources that <see cref="ReduceMany"/> takes.</summary>
    public const int MaxSources = SourceViews.Max + 1;

    /// <summary>The accelerator that runs the kernels.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>The stream that the work is queued on.</summary>
    public AcceleratorStream Stream { get; }

    /// <summary>The accelerator in words, such as "Cuda (NVIDIA H100 80GB HBM3)".</summary>
    public string Description => $"{Accelerator.AcceleratorType} ({Accelerator.Name})";

    /// <summary>destination[i] = destination[i] op source[i], as <see cref="HostKernels.Reduce"/>.</summary>
    /// <param name="type">The type of both arrays.</param>
    /// <param name="op">The operation; Avg and PreMulSum reduce as a sum.</param>
    /// <param name="destination">At least <paramref name="count"/> elements, read and written.</param>
    /// <param name="source">At least <paramref name="count"/> elements; may be <paramref name="destination"/> itself, and must not overlap it
    /// otherwise.</param>
    /// <param name="count">The number of elements.</param>
    /// <exception cref="ArgumentException">A view that is too short, not aligned to its elements or of another accelerator, or a bitwise operation
    /// on floats.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type or operation, or a negative count.</exception>
    public void Reduce(ElementType type, ReduceOp op, ArrayView<byte> destination, ArrayView<byte> source, long count) =>
        Fold(type, type, op, destination, destination, [source], count);

    /// <summary>
    /// destination[i] = ((s0[i] op s1[i]) op s2[i]) op ..., as <see cref="HostKernels.ReduceMany"/>: each source is read once, and f16 and bf16 are
    /// folded in f32 and rounded once.
    /// </summary>
    /// <param name="type">The type of all arrays.</param>
    /// <param name="op">The operation; Avg and PreMulSum reduce as a sum.</param>
    /// <param name="destination">At least <paramref name="count"/> elements, written. May be the same memory as any of the sources, and must not
    /// overlap them otherwise.</param>
    /// <param name="sources">1 to <see cref="MaxSources"/> views of at least <paramref name="count"/> elements.</param>
    /// <param name="count">The number of elements.</param>
    /// <exception cref="ArgumentException">No sources or too many, a view that is too short, not aligned to its elements or of another
    /// accelerator, or a bitwise operation on floats.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type or operation, or a negative count.</exception>
    public void ReduceMany(
        ElementType type, ReduceOp op, ArrayView<byte> destination, ReadOnlySpan<ArrayView<byte>> sources, long count)
    {
        if (sources.Length is 0 or > MaxSources)
            throw new ArgumentException($"A reduction on a device has 1 to {MaxSources} sources; the list has {sources.Length}.", nameof(sources));
        Fold(type, type, op, destination, sources[0], sources[1..], count);
    }

    /// <summary>accumulator[i] = accumulator[i] op (float)source[i], as <see cref="HostKernels.ReduceInto"/>.</summary>
    /// <param name="op">The operation; Avg and PreMulSum reduce as a sum.</param>
    /// <param name="accumulator">At least <paramref name="count"/> floats, read and written.</param>
    /// <param name="sourceType">F32, F16 or BF16.</param>
    /// <param name="source">At least <paramref name="count"/> elements; must not overlap the accumulator, unless it is the same f32
    /// array.</param>
    /// <param name="count">The number of elements.</param>
    /// <exception cref="ArgumentException">A view that is too short, not aligned to its elements or of another accelerator, or a bitwise
    /// operation.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Another source type, an unknown operation, or a negative count.</exception>
    public void ReduceInto(ReduceOp op, ArrayView<byte> accumulator, ElementType sourceType, ArrayView<byte> source, long count)
    {
        RequireSingleLanes(sourceType, nameof(sourceType), "reduced in f32");
        Fold(ElementType.F32, sourceType, op, accumulator, accumulator, [source], count);
    }

    /// <summary>Unloads the kernels; what was queued has to be done.</summary>
    public void Dispose() => _kernels.Dispose();

    private void Fold(
        ElementType destinationType, ElementType sourceType, ReduceOp op,
        ArrayView<byte> destination, ArrayView<byte> first, ReadOnlySpan<ArrayView<byte>> others, long count)
    {
        ReduceOps.ThrowIfUndefined(op, destinationType);
        Check(destination, destinationType, count, nameof(destination));
        Check(first, destinationType, count, "sources");
        foreach (ArrayView<byte> other in others) Check(other, sourceType, count, "sources");
        if (count == 0) return;
        var launch = _kernels.Get<FoldLauncher>(new(KernelKind.Fold, destinationType, sourceType, Kernel(op)));
        launch(Stream, GridFor(count), destination, first, SourceViews.Of(others, first), others.Length, count);
    }

    // The operations that reduce alike share a kernel.
    private static ReduceOp Kernel(ReduceOp op) => op is ReduceOp.Avg or ReduceOp.PreMulSum ? ReduceOp.Sum : op;

    private KernelConfig GridFor(long count)
    {
        int threads = Math.Min(Accelerator.MaxNumThreadsPerGroup, MaxThreadsPerGroup);
        long groups = (count + threads - 1) / threads;
        return new((int)Math.Min(groups, (long)Accelerator.NumMultiprocessors * GroupsPerMultiprocessor), threads);
    }

    private void Check(ArrayView<byte> view, ElementType type, long count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int size = type.SizeInBytes();
        if (view.Length < checked(count * size))
            throw new ArgumentException($"{count} elements of {type.Name()} need {count * size} bytes; the view has {view.Length}.", name);
        if (count == 0) return;
        if (view.GetAccelerator() != Accelerator)
            throw new ArgumentException($"The view lies in memory of {view.GetAccelerator().Name}; these kernels run on {Accelerator.Name}.", name);
        if (view.LoadEffectiveAddressAsPtr() % size != 0)
            throw new ArgumentException($"The view does not begin at a multiple of {size} bytes, the size of {type.Name()}.", name);
    }

    private static void RequireSingleLanes(ElementType type, string name, string what)
    {
        if (type is not (ElementType.F32 or ElementType.F16 or ElementType.BF16))
            throw new ArgumentOutOfRangeException(name, type, $"Only f32, f16 and bf16 are {what}, not {type.Name()}.");
    }
}
