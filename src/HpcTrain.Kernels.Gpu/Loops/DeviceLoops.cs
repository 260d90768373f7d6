using HpcTrain.Kernels.Gpu.Formats;
using ILGPU;

namespace HpcTrain.Kernels.Gpu.Loops;

/// <summary>
/// The kernels, each written once over formats and operations. The threads of the grid go through the elements in strides of its size,
/// so that neighbouring threads touch neighbouring elements, and counts may have 64 bits. An element is read from all sources
/// before it is written, by the same thread: a destination may be any of the sources.
/// <para>No kernel multiplies and adds in floating point, which is all that a compiler could contract; divisions are the rounded
/// ones. So the bits are those of HostKernels.</para>
/// </summary>
internal static class DeviceLoops
{
    /// <summary>destination = ((first op s0) op s1) op ..., in lanes, stored once.</summary>
    public static void Fold<TDestination, TSource, TLane, TDestinationFormat, TSourceFormat, TOperation>(
        ArrayView<byte> destination, ArrayView<byte> first, SourceViews others, int otherCount, long count)
        where TDestination : unmanaged where TSource : unmanaged where TLane : unmanaged
        where TDestinationFormat : struct, IDeviceFormat<TDestination, TLane>
        where TSourceFormat : struct, IDeviceFormat<TSource, TLane>
        where TOperation : struct, IOperation<TLane>
    {
        var to = default(TDestinationFormat);
        var from = default(TSourceFormat);
        var op = default(TOperation);
        for (long i = Start(); i < count; i += Stride())
        {
            TLane a = to.Load(first.Cast<TDestination>()[i]);
            // Branches that all threads take alike.
            if (otherCount > 0) a = op.Apply(a, from.Load(others.S0.Cast<TSource>()[i]));
            if (otherCount > 1) a = op.Apply(a, from.Load(others.S1.Cast<TSource>()[i]));
            if (otherCount > 2) a = op.Apply(a, from.Load(others.S2.Cast<TSource>()[i]));
            if (otherCount > 3) a = op.Apply(a, from.Load(others.S3.Cast<TSource>()[i]));
            if (otherCount > 4) a = op.Apply(a, from.Load(others.S4.Cast<TSource>()[i]));
            if (otherCount > 5) a = op.Apply(a, from.Load(others.S5.Cast<TSource>()[i]));
            if (otherCount > 6) a = op.Apply(a, from.Load(others.S6.Cast<TSource>()[i]));
            if (otherCount > 7) a = op.Apply(a, from.Load(others.S7.Cast<TSource>()[i]));
            if (otherCount > 8) a = op.Apply(a, from.Load(others.S8.Cast<TSource>()[i]));
            if (otherCount > 9) a = op.Apply(a, from.Load(others.S9.Cast<TSource>()[i]));
            if (otherCount > 10) a = op.Apply(a, from.Load(others.S10.Cast<TSource>()[i]));
            if (otherCount > 11) a = op.Apply(a, from.Load(others.S11.Cast<TSource>()[i]));
            if (otherCount > 12) a = op.Apply(a, from.Load(others.S12.Cast<TSource>()[i]));
            if (otherCount > 13) a = op.Apply(a, from.Load(others.S13.Cast<TSource>()[i]));
            if (otherCount > 14) a = op.Apply(a, from.Load(others.S14.Cast<TSource>()[i]));
            destination.Cast<TDestination>()[i] = to.Store(a);
        }
    }

    /// <summary>destination = source op operand, in lanes: scaling of floats, and averages.</summary>
    public static void Map<TDestination, TSource, TLane, TDestinationFormat, TSourceFormat, TOperation>(
        ArrayView<byte> destination, ArrayView<byte> source, double operand, long count)
        where TDestination : unmanaged where TSource : unmanaged where TLane : unmanaged
        where TDestinationFormat : struct, IDeviceFormat<TDestination, TLane>
        where TSourceFormat : struct, IDeviceFormat<TSource, TLane>
        where TOperation : struct, IOperation<TLane>
    {
        var to = default(TDestinationFormat);
        var from = default(TSourceFormat);
        var op = default(TOperation);
        TLane right = to.Operand(operand);
        for (long i = Start(); i < count; i += Stride())
            destination.Cast<TDestination>()[i] = to.Store(op.Apply(from.Load(source.Cast<TSource>()[i]), right));
    }

    /// <summary>destination = source * factor in f64, cut and limited to the range of the integer.</summary>
    public static void ScaleIntegers<TStored, TWide, TFormat, TDoubles>(
        ArrayView<byte> destination, ArrayView<byte> source, double factor, long count)
        where TStored : unmanaged where TWide : unmanaged
        where TFormat : struct, ICastSource<TStored, TWide>, ICastTarget<double, TStored>
        where TDoubles : struct, ICastTarget<TWide, double>
    {
        var format = default(TFormat);
        var doubles = default(TDoubles);
        for (long i = Start(); i < count; i += Stride())
            destination.Cast<TStored>()[i] = format.From(doubles.From(format.Widen(source.Cast<TStored>()[i])) * factor);
    }

    /// <summary>destination = (to)source.</summary>
    public static void Cast<TDestination, TSource, TWide, TDestinationFormat, TSourceFormat>(
        ArrayView<byte> destination, ArrayView<byte> source, long count)
        where TDestination : unmanaged where TSource : unmanaged where TWide : unmanaged
        where TDestinationFormat : struct, ICastTarget<TWide, TDestination>
        where TSourceFormat : struct, ICastSource<TSource, TWide>
    {
        var to = default(TDestinationFormat);
        var from = default(TSourceFormat);
        for (long i = Start(); i < count; i += Stride())
            destination.Cast<TDestination>()[i] = to.From(from.Widen(source.Cast<TSource>()[i]));
    }

    /// <summary>destination = (type)value.</summary>
    public static void Fill<TStored, TFormat>(ArrayView<byte> destination, double value, long count)
        where TStored : unmanaged where TFormat : struct, ICastTarget<double, TStored>
    {
        TStored element = default(TFormat).From(value);
        for (long i = Start(); i < count; i += Stride()) destination.Cast<TStored>()[i] = element;
    }

    private static long Start() => (long)Grid.IdxX * Group.DimX + Group.IdxX;

    private static long Stride() => (long)Grid.DimX * Group.DimX;
}
