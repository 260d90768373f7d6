using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>Tensors from .NET memory: copies, and views that keep an array pinned while any tensor uses it.</summary>
internal static partial class Factory
{
    /// <summary>A tensor without dimensions.</summary>
    public static torch.Tensor FromValue<T>(T value, torch.ScalarType? type, torch.Device? device, bool requiresGrad) where T : unmanaged =>
        Copy<T>(new ReadOnlySpan<T>(in value), [], type, device, requiresGrad, null);

    public static torch.Tensor FromArray<T>(
        T[] values, long[] shape, torch.ScalarType? type, torch.Device? device, bool requiresGrad, string[]? names = null) where T : unmanaged =>
        Copy<T>(values, shape, type, device, requiresGrad, names);

    public static torch.Tensor FromList<T>(
        IList<T> values, long[] shape, torch.ScalarType? type, torch.Device? device, bool requiresGrad, string[]? names = null)
        where T : unmanaged =>
        Copy<T>(values as T[] ?? values.ToArray(), shape, type, device, requiresGrad, names);

    /// <summary>A copy of an array of any rank and its shape.</summary>
    public static torch.Tensor FromShaped(
        Array values, torch.ScalarType? type, torch.Device? device, bool requiresGrad, string[]? names = null)
    {
        var elementType = ElementType(values);
        var created = Uninitialised(Shape(values), elementType);
        CopyBytes(values, created);
        return Convert(created, elementType, type, device, requiresGrad, names);
    }

    /// <summary>
    /// A tensor on the array's own memory. When the type or device asked for is another, a copy of that.
    /// </summary>
    public static torch.Tensor Share(
        Array values, torch.ScalarType? type, torch.Device? device, bool requiresGrad = false, string[]? names = null)
    {
        var elementType = ElementType(values);
        // The runtime does not pin arrays of tuples.
        if (elementType == torch.ScalarType.ComplexFloat32) return FromShaped(values, type, device, requiresGrad, names);
        var shared = Share(values, elementType, 0, Shape(values));
        return Convert(shared, elementType, type, device, requiresGrad, names);
    }

    /// <summary>A tensor on part of an array's memory, from byte <paramref name="offset"/> on.</summary>
    public static unsafe torch.Tensor Share(Array values, torch.ScalarType elementType, long offset, long[] shape)
    {
        var pin = GCHandle.Alloc(values, GCHandleType.Pinned);
        var address = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(values)) + offset;
        nint handle;
        fixed (long* sizes = shape)
            handle = Native.ht_tensor_from_memory(
                address, sizes, shape.Length, (int)elementType, &Unpin, GCHandle.ToIntPtr(pin));
        if (handle != 0) return new torch.Tensor(handle);
        pin.Free();
        throw Native.LastError();
    }

    public static torch.ScalarType ElementType(Array values) => torch.ToScalarType(values.GetType().GetElementType()!);

    /// <summary>Turns a freshly made CPU tensor into what the caller asked for.</summary>
    public static torch.Tensor Convert(
        torch.Tensor created,
        torch.ScalarType elementType,
        torch.ScalarType? type,
        torch.Device? device,
        bool requiresGrad,
        string[]? names)
    {
        var target = torch.InitializeDevice(device);
        if ((type is { } wanted && wanted != elementType) || target.type != DeviceType.CPU)
        {
            using var original = created;
            created = original.to(type ?? elementType, target);
        }

        return Finish(created, requiresGrad, names);
    }

    private static torch.Tensor Copy<T>(
        ReadOnlySpan<T> values, long[] shape, torch.ScalarType? type, torch.Device? device, bool requiresGrad, string[]? names)
        where T : unmanaged
    {
        var count = shape.Aggregate(1L, (product, length) => product * length);
        if (count > values.Length)
            throw new ArgumentException($"mismatched total size creating a tensor from an array: {count} vs. {values.Length}");
        var elementType = torch.ToScalarType(typeof(T));
        var created = Uninitialised(shape, elementType);
        unsafe
        {
            values[..(int)count].CopyTo(new Span<T>((void*)created.DataPointer(), (int)count));
        }

        return Convert(created, elementType, type, device, requiresGrad, names);
    }

    private static torch.Tensor Uninitialised(long[] shape, torch.ScalarType type) =>
        _empty.Call(shape, type, Arg.None, torch.CPU);

    private static unsafe void CopyBytes(Array values, torch.Tensor target)
    {
        var length = target.NumberOfElements * target.ElementSize;
        fixed (byte* from = &MemoryMarshal.GetArrayDataReference(values))
            Buffer.MemoryCopy(from, (void*)target.DataPointer(), length, length);
    }

    private static long[] Shape(Array values)
    {
        var shape = new long[values.Rank];
        for (var i = 0; i < shape.Length; i++) shape[i] = values.GetLongLength(i);
        return shape;
    }

    // libtorch calls this on whichever thread drops the last tensor on the memory.
    [UnmanagedCallersOnly]
    private static void Unpin(nint pin) => GCHandle.FromIntPtr(pin).Free();
}
