using HDF.PInvoke;
using HpcTrain.Kernels;

namespace HpcTrain.Data.Hdf5;

/// <summary>
/// How element types lie in a shard: little-endian, f16 as the IEEE half that h5py also writes, and bf16, which HDF5 does not
/// know, as u16 (the attribute element_type tells them apart).
/// </summary>
internal static class HdfTypes
{
    /// <summary>A new HDF5 type for <paramref name="type"/>; the caller closes it.</summary>
    public static HdfHandle Open(ElementType type, string path)
    {
        var copy = HdfHandle.Type(H5T.copy(Base(type)), "use a type in", path);
        if (type == ElementType.F16)
        {
            // Sign at bit 15, five bits of exponent from bit 10, ten of mantissa from bit 0; the fields move first, so that
            // they fit.
            _ = Hdf.Check(H5T.set_fields(copy, 15, 10, 5, 0, 10), "use a type in", path);
            _ = Hdf.Check(H5T.set_size(copy, 2), "use a type in", path);
            _ = Hdf.Check(H5T.set_ebias(copy, 15), "use a type in", path);
        }
        return copy;
    }

    private static long Base(ElementType type) => type switch
    {
        ElementType.F32 or ElementType.F16 => H5T.IEEE_F32LE,
        ElementType.F64 => H5T.IEEE_F64LE,
        ElementType.I8 => H5T.STD_I8LE,
        ElementType.U8 => H5T.STD_U8LE,
        ElementType.I16 => H5T.STD_I16LE,
        ElementType.U16 or ElementType.BF16 => H5T.STD_U16LE,
        ElementType.I32 => H5T.STD_I32LE,
        ElementType.U32 => H5T.STD_U32LE,
        ElementType.I64 => H5T.STD_I64LE,
        ElementType.U64 => H5T.STD_U64LE,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type"),
    };
}
