using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HpcTrain.Kernels.Simd;

namespace HpcTrain.Kernels.Loops;

/// <summary>
/// Block by block: the largest magnitude, then the codes while the block is in the first cache. Magnitudes are compared as their bits, which order as the
/// values do, with infinity and NaN above all others. A value y in units of the scale is between floor(y) and floor(y) + 1, and y - floor(y) is exact: it is rounded
/// up if a random number from [0, 1) is less than that, so with that probability.
/// The loops are written for 16 lanes; .NET makes two or four registers of them where those are narrower, lane by lane, so the bits are the same.
/// </summary>
internal static unsafe class Int8Loop
{
    private const int Block = Int8Kernels.BlockElements, Lanes = 16, Group = 4 * Lanes;
    private const uint Magnitude = 0x7FFF_FFFF, Infinity = 0x7F80_0000, NaN = 0x7FC0_0000;
    private const float Largest = 127;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Quantize(float* source, nint count, float* scales, sbyte* codes, RoundingKey key, uint number)
    {
        float* padded = stackalloc float[Block];
        sbyte* paddedCodes = stackalloc sbyte[Block];
        for (nint start = 0; start < count; start += Block, scales++, number += Block)
        {
            // A whole block is read and written in place; a shorter last one goes through the stack, with zeros behind it.
            int rest = (int)nint.Min(Block, count - start);
            if (rest == Block)
            {
                *scales = QuantizeBlock(source + start, codes + start, key, number);
                continue;
            }
            new Span<float>(padded, Block).Clear();
            Tail.Copy(source + start, padded, rest);
            *scales = QuantizeBlock(padded, paddedCodes, key, number);
            Tail.Copy(paddedCodes, codes + start, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    [SkipLocalsInit]
    public static void Dequantize(float* scales, sbyte* codes, nint count, float* destination, bool adds)
    {
        float* padded = stackalloc float[Block];
        sbyte* paddedCodes = stackalloc sbyte[Block];
        for (nint start = 0; start < count; start += Block, scales++)
        {
            int rest = (int)nint.Min(Block, count - start);
            if (rest == Block)
            {
                DequantizeBlock(*scales, codes + start, destination + start, adds);
                continue;
            }
            new Span<sbyte>(paddedCodes, Block).Clear();
            Tail.Copy(codes + start, paddedCodes, rest);
            Tail.Copy(destination + start, padded, rest);
            DequantizeBlock(*scales, paddedCodes, padded, adds);
            Tail.Copy(padded, destination + start, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float QuantizeBlock(float* source, sbyte* codes, RoundingKey key, uint number)
    {
        Vector512<uint> largest = Vector512<uint>.Zero;
        for (int i = 0; i < Block; i += Lanes)
            largest = Vector512.Max(largest, Vector512.Load((uint*)(source + i)) & Vector512.Create(Magnitude));
        uint bits = 0;
        for (int lane = 0; lane < Lanes; lane++) bits = Math.Max(bits, largest[lane]);

        float max = BitConverter.UInt32BitsToSingle(bits), inverse = Largest / max;
        if (bits >= Infinity || !float.IsFinite(inverse))
        {
            new Span<sbyte>(codes, Block).Clear();
            return bits >= Infinity ? BitConverter.UInt32BitsToSingle(NaN) : 0;
        }

        Vector512<float> unit = Vector512.Create(inverse);
        for (int i = 0; i < Block; i += Group)
        {
            Vector512<int> q0 = Codes(source + i, unit, key, number + (uint)i);
            Vector512<int> q1 = Codes(source + i + Lanes, unit, key, number + (uint)(i + Lanes));
            Vector512<int> q2 = Codes(source + i + (2 * Lanes), unit, key, number + (uint)(i + (2 * Lanes)));
            Vector512<int> q3 = Codes(source + i + (3 * Lanes), unit, key, number + (uint)(i + (3 * Lanes)));
            Vector512.Narrow(Vector512.Narrow(q0, q1), Vector512.Narrow(q2, q3)).Store(codes + i);
        }
        return max / Largest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Codes(float* source, Vector512<float> inverse, RoundingKey key, uint number)
    {
        Vector512<float> value = Vector512.Load(source) * inverse;
        Vector512<float> below = Vector512.Floor(value);
        Vector512<float> up = Vector512.LessThan(Uniform(key, number), value - below);
        Vector512<float> code = below + (up & Vector512<float>.One);

        // The quotient of the largest element may be a last bit above 127.
        code = Vector512.Max(Vector512.Min(code, Vector512.Create(Largest)), Vector512.Create(-Largest));
        return Vector512.ConvertToInt32(code);
    }

    // Numbers of the stream, see RoundingKey, their upper 24 bits as fractions: exact in f32.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Uniform(RoundingKey key, uint number)
    {
        Vector512<uint> x = Vector512<uint>.Indices + Vector512.Create(number + key.First);
        x = (x ^ (x >>> 16)) * Vector512.Create(RoundingKey.FirstFactor);
        x = (x ^ (x >>> 15)) + Vector512.Create(key.Second);
        x = (x ^ (x >>> 16)) * Vector512.Create(RoundingKey.SecondFactor);
        x ^= x >>> 15;
        return Vector512.ConvertToSingle((x >>> 8).AsInt32()) * Vector512.Create(1f / (1 << 24));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DequantizeBlock(float scale, sbyte* codes, float* destination, bool adds)
    {
        for (int i = 0; i < Block; i += Group)
        {
            (Vector512<short> lower, Vector512<short> upper) = Vector512.Widen(Vector512.Load(codes + i));
            (Vector512<int> q0, Vector512<int> q1) = Vector512.Widen(lower);
            (Vector512<int> q2, Vector512<int> q3) = Vector512.Widen(upper);
            Put(q0, scale, destination + i, adds);
            Put(q1, scale, destination + i + Lanes, adds);
            Put(q2, scale, destination + i + (2 * Lanes), adds);
            Put(q3, scale, destination + i + (3 * Lanes), adds);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(Vector512<int> codes, float scale, float* destination, bool adds)
    {
        Vector512<float> value = Vector512.ConvertToSingle(codes) * Vector512.Create(scale);
        if (adds) value = Vector512.Load(destination) + value;
        Simd512<float>.CanonicalNaN(value).Store(destination);
    }
}
