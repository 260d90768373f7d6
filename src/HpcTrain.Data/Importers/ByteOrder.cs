using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace HpcTrain.Data.Importers;

internal static class ByteOrder
{
    /// <summary>Reverses the bytes of every element in place: big-endian to little-endian.</summary>
    public static void Reverse(Span<byte> data, int elementBytes)
    {
        switch (elementBytes)
        {
            case 2:
                var words = MemoryMarshal.Cast<byte, ushort>(data);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case 4:
                var doubles = MemoryMarshal.Cast<byte, uint>(data);
                BinaryPrimitives.ReverseEndianness(doubles, doubles);
                break;
            case 8:
                var quads = MemoryMarshal.Cast<byte, ulong>(data);
                BinaryPrimitives.ReverseEndianness(quads, quads);
                break;
        }
    }
}
