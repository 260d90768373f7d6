using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// A tensor's elements as a span, so that collectives and kernels work in place on libtorch's memory. The span is valid as
/// long as the tensor lives; callers keep the tensor in a field.
/// </summary>
internal static class TensorMemory
{
    /// <summary>The elements of a contiguous f32 tensor on the CPU, at most 2^31-1 of them.</summary>
    public static Span<float> Floats(Tensor tensor)
    {
        if (tensor.dtype != ScalarType.Float32 || !tensor.is_contiguous())
        {
            throw new ArgumentException($"expected a contiguous f32 tensor, got {tensor.dtype}", nameof(tensor));
        }

        return MemoryMarshal.CreateSpan(ref Unsafe.As<byte, float>(ref First(tensor)), checked((int)tensor.numel()));
    }

    /// <summary>The bytes of a contiguous tensor of any type on the CPU, at most 2^31-1 of them.</summary>
    public static Span<byte> Bytes(Tensor tensor)
        => tensor.is_contiguous()
            ? MemoryMarshal.CreateSpan(ref First(tensor), checked((int)(tensor.numel() * tensor.element_size())))
            : throw new ArgumentException("expected a contiguous tensor", nameof(tensor));

    // Tensor.bytes of a whole large tensor overflows its int length; the first element's address is all that is needed.
    private static ref byte First(Tensor tensor)
    {
        if (tensor.numel() == 0)
        {
            return ref Unsafe.NullRef<byte>();
        }

        using var flat = tensor.view(-1);
        using var first = flat.narrow(0, 0, 1);
        return ref MemoryMarshal.GetReference(first.bytes);
    }
}
