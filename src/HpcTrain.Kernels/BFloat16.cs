using System.Globalization;
using System.Runtime.CompilerServices;

namespace HpcTrain.Kernels;

/// <summary>
/// bfloat16: the upper 16 bits of an IEEE binary32, so the range of a <see cref="float"/> with 8 bits of precision.
/// A storage format: arithmetic is done in <see cref="float"/>. Two bytes, in the machine's byte order.
/// </summary>
/// <param name="bits">Sign, eight bits of exponent, seven bits of fraction.</param>
public readonly struct BFloat16(ushort bits) : IEquatable<BFloat16>, IComparable<BFloat16>
{
    /// <summary>Sign, eight bits of exponent, seven bits of fraction.</summary>
    public ushort Bits { get; } = bits;

    /// <summary>The exact value as a <see cref="float"/>; a NaN keeps its sign and payload.</summary>
    public static implicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);

    /// <summary>Rounds to nearest, ties to even; values beyond the largest finite one by half a unit or more become infinite,
    /// subnormals are kept, a NaN stays one (made quiet, with the upper part of its payload).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return new BFloat16((ushort)((bits >> 16) | 0x40));
        return new BFloat16((ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16));
    }

    /// <summary>As <see cref="float.Equals(float)"/>: NaN equals NaN, and the two zeros are equal.</summary>
    public bool Equals(BFloat16 other) => ((float)this).Equals(other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ((float)this).GetHashCode();

    /// <summary>As <see cref="float.CompareTo(float)"/>: NaN sorts first.</summary>
    public int CompareTo(BFloat16 other) => ((float)this).CompareTo(other);

    /// <summary>The value as a <see cref="float"/> prints it, culture-independent.</summary>
    public override string ToString() => ((float)this).ToString(CultureInfo.InvariantCulture);

    /// <summary>IEEE equality: false when either is NaN.</summary>
    public static bool operator ==(BFloat16 left, BFloat16 right) => (float)left == right;

    /// <summary>IEEE inequality: true when either is NaN.</summary>
    public static bool operator !=(BFloat16 left, BFloat16 right) => (float)left != right;

    /// <summary>IEEE comparison: false when either is NaN.</summary>
    public static bool operator <(BFloat16 left, BFloat16 right) => (float)left < right;

    /// <summary>IEEE comparison: false when either is NaN.</summary>
    public static bool operator >(BFloat16 left, BFloat16 right) => (float)left > right;

    /// <summary>IEEE comparison: false when either is NaN.</summary>
    public static bool operator <=(BFloat16 left, BFloat16 right) => (float)left <= right;

    /// <summary>IEEE comparison: false when either is NaN.</summary>
    public static bool operator >=(BFloat16 left, BFloat16 right) => (float)left >= right;
}
