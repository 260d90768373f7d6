using System.Text;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp;

// TorchSharp's own file format of one tensor: the number of its element type, its rank and its sizes, each in LEB128, then
// its elements in row-major order as they lie in memory. The tensor is on the CPU while it is read or written.
public static partial class TensorExtensionMethods
{
    public static void Save(this Tensor tensor, BinaryWriter writer)
    {
        writer.Encode((int)tensor.dtype);
        var shape = tensor.shape;
        writer.Encode(shape.Length);
        foreach (var size in shape) writer.Encode(size);

        writer.Flush();
        if (tensor.device_type == DeviceType.CPU && tensor.is_contiguous())
        {
            tensor.WriteBytesToStream(writer.BaseStream);
            return;
        }

        using var copy = empty(shape, dtype: tensor.dtype, device: CPU);
        using (no_grad()) copy.copy_(tensor);
        copy.WriteBytesToStream(writer.BaseStream);
    }

    public static void Save(this Tensor tensor, Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        tensor.Save(writer);
    }

    public static void Save(this Tensor tensor, string location)
    {
        using var stream = File.Create(location);
        tensor.Save(stream);
    }

    /// <summary>Reads into a tensor of the element type and shape that the file has.</summary>
    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        var (type, shape) = ReadHeader(reader);
        if (type != tensor.dtype)
            throw new ArgumentException(
                "Mismatched tensor data types while loading. Make sure that the model you are loading into is exactly the same as the origin.",
                nameof(tensor));
        if (skip) SkipElements(reader, type, shape);
        else ReadElements(tensor, shape, reader);
    }

    /// <summary>Reads a tensor; with <paramref name="skip"/> its elements are passed over and stay zero.</summary>
    public static Tensor Load(BinaryReader reader, bool skip = false)
    {
        Tensor? tensor = null;
        Load(ref tensor, reader, skip);
        return tensor!;
    }

    /// <summary>Reads into a tensor, or makes one.</summary>
    public static void Load(ref Tensor? tensor, BinaryReader reader, bool skip = false)
    {
        var (type, shape) = ReadHeader(reader);
        tensor ??= skip ? zeros(shape, dtype: type) : empty(shape, dtype: type);
        if (skip) SkipElements(reader, type, shape);
        else ReadElements(tensor, shape, reader);
    }

    /// <summary>Passes over a tensor.</summary>
    internal static void Skip(BinaryReader reader)
    {
        var (type, shape) = ReadHeader(reader);
        SkipElements(reader, type, shape);
    }

    private static (ScalarType Type, long[] Shape) ReadHeader(BinaryReader reader)
    {
        var type = (ScalarType)reader.Decode();
        var shape = new long[reader.Decode()];
        for (var i = 0; i < shape.Length; i++) shape[i] = reader.Decode();
        return (type, shape);
    }

    private static void ReadElements(Tensor tensor, long[] shape, BinaryReader reader)
    {
        if (!shape.AsSpan().SequenceEqual(tensor.shape))
            throw new ArgumentException(
                "Mismatched tensor shape while loading. Make sure that the model you are loading into is exactly the same as the origin.",
                nameof(tensor));

        // A leaf that asks for gradients may only be written in place while none are recorded.
        using var _ = no_grad();
        if (tensor.device_type == DeviceType.CPU && tensor.is_contiguous())
        {
            tensor.ReadBytesFromStream(reader.BaseStream);
            return;
        }

        using var read = empty(shape, dtype: tensor.dtype, device: CPU);
        read.ReadBytesFromStream(reader.BaseStream);
        tensor.copy_(read);
    }

    private static void SkipElements(BinaryReader reader, ScalarType type, long[] shape)
    {
        var bytes = shape.Aggregate((long)type.ElementSize(), (product, size) => checked(product * size));
        if (reader.BaseStream.CanSeek)
        {
            reader.BaseStream.Seek(bytes, SeekOrigin.Current);
            return;
        }

        var buffer = new byte[Math.Min(bytes, 1 << 16)];
        for (; bytes > 0; bytes -= Math.Min(bytes, buffer.Length))
            reader.BaseStream.ReadExactly(buffer, 0, (int)Math.Min(bytes, buffer.Length));
    }
}
