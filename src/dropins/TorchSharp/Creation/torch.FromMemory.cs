namespace TorchSharp;

public static partial class torch
{
    /// <summary>A tensor on an array's own memory, which stays pinned while any tensor uses it.</summary>
    public static Tensor from_array(Array rawArray, Device? device = null)
    {
        if (rawArray is (float, float)[]) throw new NotImplementedException("from_array() for (float,float) elements.");
        return Factory.Share(rawArray, null, device ?? CPU);
    }

    /// <summary>
    /// A tensor on an array's own memory, which stays pinned while any tensor uses it; a copy when the type or device
    /// asked for is another.
    /// </summary>
    public static Tensor from_array(
        Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Factory.Share(rawArray, dtype, device, requires_grad, names);

    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device? device = null) => from_array(data, dtype, device, false);

    /// <summary>The same tensor, converted only if it has another type or device.</summary>
    public static Tensor as_tensor(Tensor data, ScalarType? dtype = null, Device? device = null)
    {
        var otherType = dtype is { } type && type != data.dtype;
        var otherDevice = device is not null && (device.type != data.device_type || (device.index >= 0 && device.index != data.device_index));
        return otherType || otherDevice
            ? data.to(dtype ?? data.dtype, device ?? data.device).requires_grad_(data.requires_grad)
            : data.alias();
    }

    /// <summary>
    /// A tensor of one dimension on part of an array's memory, which stays pinned while any tensor uses it. Count and
    /// offset are in elements of the array; another type makes a copy.
    /// </summary>
    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        var length = rawArray.LongLength;
        if (offset < 0 || offset >= length) throw new ArgumentException($"invalid value for 'offset': {offset}");
        if (count < 0) count = length - offset;
        if (count > length - offset) throw new IndexOutOfRangeException($"element count is too large: {count}");
        var elementType = Factory.ElementType(rawArray);
        if (elementType == ScalarType.ComplexFloat32) throw new NotImplementedException("frombuffer(ComplexFloat32)");
        var shared = Factory.Share(rawArray, elementType, offset * elementType.ElementSize(), [count]);
        return Factory.Convert(shared, elementType, dtype, CPU, requires_grad, null);
    }
}
