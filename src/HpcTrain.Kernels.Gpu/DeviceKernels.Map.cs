using HpcTrain.Kernels.Gpu.Launching;
using ILGPU;
using ILGPU.Runtime;

namespace HpcTrain.Kernels.Gpu;

public sealed partial class DeviceKernels
{
    /// <summary>destination[i] = (to)source[i], as <see cref="HostKernels.Cast"/>. Equal types: a copy of the bytes.</summary>
    /// <param name="from">The type of the source.</param>
    /// <param name="source">At least <paramref name="count"/> elements.</param>
    /// <param name="to">The type of the destination.</param>
    /// <param name="destination">At least <paramref name="count"/> elements, written. May be <paramref name="source"/> itself if both types
    /// have the same size, and must not overlap it otherwise.</param>
    /// <param name="count">The number of elements.</param>
    /// <exception cref="ArgumentException">A view that is too short, not aligned to its elements or of another accelerator.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type, or a negative count.</exception>
    public void Cast(ElementType from, ArrayView<byte> source, ElementType to, ArrayView<byte> destination, long count)
    {
        Check(source, from, count, nameof(source));
        Check(destination, to, count, nameof(destination));
        if (count == 0) return;
        if (from == to)
        {
            long bytes = count * from.SizeInBytes();
            source.SubView(0, bytes).CopyTo(Stream, destination.SubView(0, bytes));
            return;
        }
        var launch = _kernels.Get<CastLauncher>(new(KernelKind.Cast, to, from));
        launch(Stream, GridFor(count), destination, source, count);
    }

    /// <summary>data[i] = data[i] * factor, as <see cref="HostKernels.Scale(ElementType, void*, nint, double)"/>.</summary>
    /// <inheritdoc cref="Scale(ElementType, ArrayView{byte}, ArrayView{byte}, long, double)"/>
    /// <param name="type">The type of the array.</param>
    /// <param name="data">At least <paramref name="count"/> elements, read and written.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="factor">The factor.</param>
    public void Scale(ElementType type, ArrayView<byte> data, long count, double factor) => Scale(type, data, data, count, factor);

    /// <summary>destination[i] = source[i] * factor, as <see cref="HostKernels.Scale(ElementType, void*, void*, nint, double)"/>.</summary>
    /// <param name="type">The type of both arrays.</param>
    /// <param name="destination">At least <paramref name="count"/> elements, written.</param>
    /// <param name="source">At least <paramref name="count"/> elements; may be <paramref name="destination"/> itself, and must not overlap it
    /// otherwise.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="factor">The factor.</param>
    /// <exception cref="ArgumentException">A view that is too short, not aligned to its elements or of another accelerator.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type, or a negative count.</exception>
    public void Scale(ElementType type, ArrayView<byte> destination, ArrayView<byte> source, long count, double factor) =>
        Map(new(KernelKind.Scale, type, type), destination, source, count, factor);

    /// <summary>data[i] = data[i] / ranks, as <see cref="HostKernels.FinishAverage(ElementType, void*, nint, int)"/>.</summary>
    /// <param name="type">The type of the array.</param>
    /// <param name="data">At least <paramref name="count"/> elements, read and written.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="ranks">How many contributions the sums have; at least 1.</param>
    /// <exception cref="ArgumentException">A view that is too short, not aligned to its elements or of another accelerator.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type, a negative count, or ranks below 1.</exception>
    public void FinishAverage(ElementType type, ArrayView<byte> data, long count, int ranks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        Map(new(KernelKind.Average, type, type), data, data, count, ranks);
    }

    /// <summary>destination[i] = (to)(sums[i] / ranks), as <see cref="HostKernels.FinishAverage(float*, ElementType, void*, nint, int)"/>: the average
    /// and the last rounding of a reduction of f16 or bf16 whose sums are in f32.</summary>
    /// <param name="sums">At least <paramref name="count"/> floats.</param>
    /// <param name="to">F32, F16 or BF16.</param>
    /// <param name="destination">At least <paramref name="count"/> elements, written. Must not overlap the sums, unless it is the same f32
    /// array.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="ranks">How many contributions the sums have; at least 1.</param>
    /// <exception cref="ArgumentException">A view that is too short, not aligned to its elements or of another accelerator.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Another destination type, a negative count, or ranks below 1.</exception>
    public void FinishAverage(ArrayView<byte> sums, ElementType to, ArrayView<byte> destination, long count, int ranks)
    {
        RequireSingleLanes(to, nameof(to), "averages of sums in f32");
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        Map(new(KernelKind.Average, to, ElementType.F32), destination, sums, count, ranks);
    }

    /// <summary>data[i] = (type)value, converted as <see cref="Cast"/> converts an f64.</summary>
    /// <param name="type">The type of the array.</param>
    /// <param name="data">At least <paramref name="count"/> elements, written.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">A view that is too short, not aligned to its elements or of another accelerator.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An unknown type, or a negative count.</exception>
    public void Fill(ElementType type, ArrayView<byte> data, long count, double value)
    {
        Check(data, type, count, nameof(data));
        if (count == 0) return;
        var launch = _kernels.Get<FillLauncher>(new(KernelKind.Fill, type, type));
        launch(Stream, GridFor(count), data, value, count);
    }

    /// <summary>Sets all bytes of a view to zero, which is the value 0 in every element type.</summary>
    /// <param name="data">Written.</param>
    public void Zero(ArrayView<byte> data)
    {
        if (data.Length > 0) data.MemSet(Stream, 0);
    }

    private void Map(KernelKey key, ArrayView<byte> destination, ArrayView<byte> source, long count, double operand)
    {
        Check(destination, key.Destination, count, nameof(destination));
        Check(source, key.Source, count, nameof(source));
        if (count == 0) return;
        var launch = _kernels.Get<MapLauncher>(key);
        launch(Stream, GridFor(count), destination, source, operand, count);
    }
}
