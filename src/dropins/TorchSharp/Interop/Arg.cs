using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp.Interop;

/// <summary>
/// One argument of an <see cref="Op"/>. Values convert to it implicitly, so a call reads like the operator's schema; null
/// stands for the schema's None, <see cref="Default"/> for its default.
/// </summary>
internal readonly struct Arg
{
    private readonly object? _source; // a tensor, list or string
    private readonly long _bits;
    private readonly int _index;
    private readonly ValueTag _tag;

    private Arg(ValueTag tag, long bits = 0, int index = 0, object? source = null)
    {
        _tag = tag;
        _bits = bits;
        _index = index;
        _source = source;
    }

    public static Arg Default => default;
    public static Arg None => new(ValueTag.None);

    /// <summary>The tensor, list or string that must outlive the call.</summary>
    public object? Source => _source;

    public static implicit operator Arg(Tensor? value) => value is null ? None : new(ValueTag.Tensor, source: value);
    public static implicit operator Arg(Tensor[] value) => new(ValueTag.TensorList, source: value);
    public static implicit operator Arg(long value) => new(ValueTag.Int, value);
    public static implicit operator Arg(int value) => new(ValueTag.Int, value);
    public static implicit operator Arg(double value) => new(ValueTag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Arg(float value) => (double)value;
    public static implicit operator Arg(bool value) => new(ValueTag.Bool, value ? 1 : 0);
    public static implicit operator Arg(long? value) => value is { } given ? given : None;
    public static implicit operator Arg(int? value) => value is { } given ? given : None;
    public static implicit operator Arg(double? value) => value is { } given ? given : None;
    public static implicit operator Arg(bool? value) => value is { } given ? given : None;
    public static implicit operator Arg(ScalarType value) => (long)value;
    public static implicit operator Arg(ScalarType? value) => value is { } given ? given : None;
    public static implicit operator Arg(Complex value) => new(ValueTag.Complex, source: value);
    public static implicit operator Arg(Scalar? value) => value?.ToArg() ?? None;
    public static implicit operator Arg(long[]? value) => value is null ? None : new(ValueTag.IntList, source: value);
    public static implicit operator Arg(double[]? value) => value is null ? None : new(ValueTag.DoubleList, source: value);
    public static implicit operator Arg(bool[]? value) => value is null ? None : new(ValueTag.BoolList, source: value);
    public static implicit operator Arg(string? value) => value is null ? None : new(ValueTag.String, source: value);
    public static implicit operator Arg(Device? value) => value is null ? None : new(ValueTag.Device, (long)value.type, value.index);
    public static implicit operator Arg(Generator? value) => value is null ? None : new(ValueTag.Generator, source: value);

    /// <summary>A Tensor[] of the schema.</summary>
    public static Arg List(IEnumerable<Tensor> tensors) => tensors as Tensor[] ?? tensors.ToArray();

    /// <summary>A Tensor?[] of the schema.</summary>
    public static Arg OptionalList(Tensor?[] tensors) => new(ValueTag.OptionalTensorList, source: tensors);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Write(NativeValue* target, ref Scratch scratch)
    {
        target->Tag = _tag;
        target->Length = _index;
        target->Integer = _bits;
        if (_source is null) return;
        if (_tag == ValueTag.Tensor) target->Pointer = Unsafe.As<Tensor>(_source).Handle;
        else WriteList(target, ref scratch);
    }

    private unsafe void WriteList(NativeValue* target, ref Scratch scratch)
    {
        switch (_source)
        {
            case long[] numbers:
                target->Pointer = (nint)Copy<long>(numbers, target, ref scratch);
                break;
            case double[] numbers:
                target->Pointer = (nint)Copy<double>(numbers, target, ref scratch);
                break;
            case bool[] flags:
                target->Pointer = (nint)Copy<bool>(flags, target, ref scratch);
                break;
            case Tensor?[] tensors:
                var handles = scratch.Take<nint>(tensors.Length);
                for (var i = 0; i < tensors.Length; i++) handles[i] = tensors[i]?.Handle ?? 0;
                target->Pointer = (nint)handles;
                target->Length = tensors.Length;
                break;
            case string text:
                var bytes = Encoding.UTF8.GetByteCount(text);
                var buffer = scratch.Take<byte>(bytes);
                Encoding.UTF8.GetBytes(text, new Span<byte>(buffer, bytes));
                target->Pointer = (nint)buffer;
                target->Length = bytes;
                break;
            case Complex number:
                var parts = scratch.Take<double>(2);
                parts[0] = number.Real;
                parts[1] = number.Imaginary;
                target->Pointer = (nint)parts;
                break;
            case Generator generator:
                target->Pointer = generator.Handle;
                break;
            default:
                throw new InvalidOperationException($"An operator cannot take a {_source!.GetType()}.");
        }
    }

    private static unsafe T* Copy<T>(ReadOnlySpan<T> source, NativeValue* target, ref Scratch scratch) where T : unmanaged
    {
        var place = scratch.Take<T>(source.Length);
        source.CopyTo(new Span<T>(place, source.Length));
        target->Length = source.Length;
        return place;
    }
}
