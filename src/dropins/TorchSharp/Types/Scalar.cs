using System.Numerics;
using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>
/// A number for an operator. As in libtorch it is a long, a double, a bool or a complex number, whatever it was made
/// from. It owns nothing; <see cref="Dispose"/> is there because upstream's does.
/// </summary>
public sealed class Scalar : IDisposable
{
    private readonly long _integer;
    private readonly double _real;
    private readonly Complex _complex;

    internal Scalar(long value, torch.ScalarType type = torch.ScalarType.Int64)
    {
        _integer = value;
        Type = type;
    }

    internal Scalar(double value)
    {
        _real = value;
        Type = torch.ScalarType.Float64;
    }

    internal Scalar(Complex value)
    {
        _complex = value;
        Type = torch.ScalarType.ComplexFloat64;
    }

    public torch.ScalarType Type { get; }

    public static implicit operator Scalar(byte value) => value.ToScalar();
    public static implicit operator Scalar(sbyte value) => value.ToScalar();
    public static implicit operator Scalar(short value) => value.ToScalar();
    public static implicit operator Scalar(int value) => value.ToScalar();
    public static implicit operator Scalar(long value) => value.ToScalar();
    public static implicit operator Scalar(Half value) => value.ToScalar();
    public static implicit operator Scalar(BFloat16 value) => value.ToScalar();
    public static implicit operator Scalar(float value) => value.ToScalar();
    public static implicit operator Scalar(double value) => value.ToScalar();
    public static implicit operator Scalar(bool value) => value.ToScalar();
    public static implicit operator Scalar((float, float) value) => value.ToScalar();
    public static implicit operator Scalar(Complex value) => value.ToScalar();

    public void Dispose() => GC.SuppressFinalize(this);

    internal Arg ToArg() => Type switch
    {
        torch.ScalarType.Int64 => _integer,
        torch.ScalarType.Bool => _integer != 0,
        torch.ScalarType.Float64 => _real,
        _ => _complex,
    };

    internal double AsDouble() => Type switch
    {
        torch.ScalarType.Int64 or torch.ScalarType.Bool => _integer,
        torch.ScalarType.Float64 => _real,
        _ when _complex.Imaginary == 0 => _complex.Real,
        _ => throw new InvalidOperationException($"The complex scalar {_complex} has no real value."),
    };

    internal long AsLong() => Type is torch.ScalarType.Int64 or torch.ScalarType.Bool ? _integer : checked((long)AsDouble());

    internal Complex AsComplex() => Type == torch.ScalarType.ComplexFloat64 ? _complex : AsDouble();
}
