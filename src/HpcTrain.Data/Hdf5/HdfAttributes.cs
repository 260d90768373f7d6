using System.Text;
using HDF.PInvoke;

namespace HpcTrain.Data.Hdf5;

/// <summary>Attributes of files and datasets: numbers as i64, text as UTF-8 of fixed length.</summary>
internal static unsafe class HdfAttributes
{
    public static void Write(long owner, string name, long value, string path) => Write(owner, name, [value], scalar: true, path);

    public static void Write(long owner, string name, IReadOnlyList<long> values, string path) =>
        Write(owner, name, [.. values], scalar: false, path);

    public static void Write(long owner, string name, string text, string path)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var type = HdfHandle.Type(H5T.copy(H5T.C_S1), "write", path);
        _ = Hdf.Check(H5T.set_size(type, Math.Max(1, bytes.Length)), "write", path);
        _ = Hdf.Check(H5T.set_cset(type, H5T.cset_t.UTF8), "write", path);
        _ = Hdf.Check(H5T.set_strpad(type, H5T.str_t.NULLPAD), "write", path);
        using var space = HdfHandle.Space(H5S.create(H5S.class_t.SCALAR), "write", path);
        using var attribute = HdfHandle.Attribute(H5A.create(owner, name, type, space), "write", path);
        // An empty text still has one (zero) byte to read from.
        fixed (byte* data = bytes.Length == 0 ? [0] : bytes)
            _ = Hdf.Check(H5A.write(attribute, type, (nint)data), "write", path);
    }

    /// <summary>The number, or null when there is no such attribute or it is no single number.</summary>
    public static long? ReadNumber(long owner, string name, string path)
    {
        if (H5A.exists(owner, name) <= 0)
            return null;
        using var attribute = HdfHandle.Attribute(H5A.open(owner, name), "read", path);
        using var space = HdfHandle.Space(H5A.get_space(attribute), "read", path);
        using var type = HdfHandle.Type(H5A.get_type(attribute), "read", path);
        if (H5S.get_simple_extent_npoints(space) != 1 || H5T.get_class(type) != H5T.class_t.INTEGER)
            return null;
        long value = 0;
        _ = Hdf.Check(H5A.read(attribute, H5T.NATIVE_INT64, (nint)(&value)), "read", path);
        return value;
    }

    /// <summary>The text, or null when there is no such attribute or it is no text of fixed length.</summary>
    public static string? ReadText(long owner, string name, string path)
    {
        if (H5A.exists(owner, name) <= 0)
            return null;
        using var attribute = HdfHandle.Attribute(H5A.open(owner, name), "read", path);
        using var type = HdfHandle.Type(H5A.get_type(attribute), "read", path);
        if (H5T.get_class(type) != H5T.class_t.STRING || H5T.is_variable_str(type) > 0)
            return null;
        var bytes = new byte[(int)H5T.get_size(type)];
        fixed (byte* data = bytes)
            _ = Hdf.Check(H5A.read(attribute, type, (nint)data), "read", path);
        return Encoding.UTF8.GetString(bytes).TrimEnd('\0');
    }

    private static void Write(long owner, string name, ReadOnlySpan<long> values, bool scalar, string path)
    {
        using var space = HdfHandle.Space(
            scalar ? H5S.create(H5S.class_t.SCALAR) : H5S.create_simple(1, [(ulong)values.Length], null!), "write", path);
        using var attribute = HdfHandle.Attribute(H5A.create(owner, name, H5T.STD_I64LE, space), "write", path);
        if (values.Length == 0)
            return;
        fixed (long* data = values)
            _ = Hdf.Check(H5A.write(attribute, H5T.NATIVE_INT64, (nint)data), "write", path);
    }
}
