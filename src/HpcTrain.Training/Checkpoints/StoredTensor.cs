namespace HpcTrain.Training.Checkpoints;

/// <summary>Gives a tensor's bytes at the moment they are written.</summary>
public delegate ReadOnlySpan<byte> BytesSource();

/// <summary>A tensor to write into a file.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="Type">Element type as safetensors names it: F32, F64, F16, BF16, I64, I32, I16, I8, U8, BOOL.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Bytes">Its elements, row-major, little-endian; product of the shape times the element size of them.</param>
public sealed record StoredTensor(string Name, string Type, IReadOnlyList<long> Shape, BytesSource Bytes)
{
    /// <summary>Bytes of one element of a safetensors type, or 0 for an unknown type.</summary>
    public static int ElementSize(string type) => type switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" => 1,
        _ => 0,
    };

    /// <summary>Size of the tensor in bytes.</summary>
    public long ByteCount => Shape.Aggregate((long)ElementSize(Type), (product, extent) => product * extent);
}
