namespace TorchSharp.Utils;

/// <summary>
/// Unsigned numbers of any size in groups of seven bits, lowest first; the high bit of a byte says that more follow. The
/// headers of TorchSharp's files are written so. It is the encoding of <see cref="BinaryWriter.Write7BitEncodedInt64"/>,
/// without that one's way of taking negative numbers.
/// </summary>
internal static class LEB128Codec
{
    public static void Encode(this BinaryWriter writer, long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        writer.Write7BitEncodedInt64(value);
    }

    public static long Decode(this BinaryReader reader) => reader.Read7BitEncodedInt64();
}
