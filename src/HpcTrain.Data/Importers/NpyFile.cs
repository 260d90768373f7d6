using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using HpcTrain.Kernels;
using Microsoft.Win32.SafeHandles;

namespace HpcTrain.Data.Importers;

/// <summary>
/// One .npy file, format versions 1 to 3: a header with element type, order and shape, then the elements. In C order a sample
/// is one run of bytes. In Fortran order the first axis runs fastest, so the elements of a sample lie N apart: each read
/// fetches, for every element of a sample, the run of that element over the wanted samples.
/// </summary>
internal sealed partial class NpyFile : IDisposable
{
    private readonly SafeFileHandle handle;
    private readonly long dataStart;
    private readonly bool bigEndian;
    private readonly bool fortran;
    private readonly int elementBytes;
    private byte[] run = [];

    public NpyFile(string path)
    {
        Path = path;
        try
        {
            handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            throw DatasetException.FromIO("read", path, e);
        }
        try
        {
            (var header, dataStart) = ReadHeader();
            (Type, bigEndian) = ParseType(header);
            fortran = Match(FortranOrder(), header, "fortran_order") == "True";
            Shape = ParseShape(Match(ShapeTuple(), header, "shape"));
            elementBytes = Type.SizeInBytes();
            CheckSize();
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public string Path { get; }

    public ElementType Type { get; }

    /// <summary>All axes, the samples first.</summary>
    public long[] Shape { get; }

    private long ElementsPerSample => Shape[1..].Aggregate(1L, (product, extent) => product * extent);

    /// <summary>Reads samples [first, first + count) into C order, little-endian.</summary>
    public void Read(long first, int count, Span<byte> destination)
    {
        if (fortran && Shape.Length > 1)
            ReadFortran(first, count, destination);
        else
            ReadAt(dataStart + first * ElementsPerSample * elementBytes, destination);
        if (bigEndian)
            ByteOrder.Reverse(destination, elementBytes);
    }

    public void Dispose() => handle.Dispose();

    private void ReadFortran(long first, int count, Span<byte> destination)
    {
        var elements = (int)ElementsPerSample;
        if (run.Length < count * elementBytes)
            run = new byte[count * elementBytes];
        var column = run.AsSpan(0, count * elementBytes);
        var index = new long[Shape.Length];
        for (var position = 0L; position < elements; position++)
        {
            // The element at this position in Fortran order stands at this place in C order.
            var place = 0L;
            for (var axis = 1; axis < Shape.Length; axis++)
                place = place * Shape[axis] + index[axis];
            ReadAt(dataStart + (position * Shape[0] + first) * elementBytes, column);
            for (var sample = 0; sample < count; sample++)
                column.Slice(sample * elementBytes, elementBytes).CopyTo(destination[(int)((sample * elements + place) * elementBytes)..]);
            for (var axis = 1; axis < Shape.Length && ++index[axis] == Shape[axis]; axis++)
                index[axis] = 0;
        }
    }

    private void ReadAt(long offset, Span<byte> destination)
    {
        try
        {
            while (destination.Length > 0)
            {
                var read = RandomAccess.Read(handle, destination, offset);
                if (read == 0)
                    throw new DatasetException($"{Path} is cut short; fetch it again.");
                destination = destination[read..];
                offset += read;
            }
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            throw DatasetException.FromIO("read", Path, e);
        }
    }

    private (string Header, long DataStart) ReadHeader()
    {
        Span<byte> start = stackalloc byte[12];
        if (RandomAccess.GetLength(handle) == 0)
            throw new DatasetException($"{Path} is empty; check the download or the path.");
        if (RandomAccess.Read(handle, start, 0) < 12 || !StartsWithMagic(start))
            throw new DatasetException($"{Path} is no .npy file; save the array with numpy.save (and unpack .npz or .gz files).");
        var version = start[6];
        if (version is < 1 or > 3)
            throw new DatasetException(
                $"{Path} has .npy format version {version}, but 1 to 3 can be read; save it with numpy.save.");
        long length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        var headerStart = version == 1 ? 10 : 12;
        if (length > 1 << 20 || headerStart + length > RandomAccess.GetLength(handle))
            throw new DatasetException($"{Path} is cut short in its header; fetch it again.");
        var header = new byte[length];
        ReadAt(headerStart, header);
        return ((version == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(header), headerStart + length);
    }

    private static bool StartsWithMagic(ReadOnlySpan<byte> start) => start[0] == 0x93 && start[1..6].SequenceEqual("NUMPY"u8);

    private (ElementType Type, bool BigEndian) ParseType(string header)
    {
        if (!Descr().IsMatch(header))
            throw new DatasetException($"{Path} holds records or objects, not numbers; save every field as an array of its own.");
        var name = Descr().Match(header).Groups[1].Value;
        ElementType? type = name.TrimStart('<', '>', '|', '=') switch
        {
            "f2" => ElementType.F16,
            "f4" => ElementType.F32,
            "f8" => ElementType.F64,
            "i1" => ElementType.I8,
            "i2" => ElementType.I16,
            "i4" => ElementType.I32,
            "i8" => ElementType.I64,
            "u1" or "b1" => ElementType.U8,
            "u2" => ElementType.U16,
            "u4" => ElementType.U32,
            "u8" => ElementType.U64,
            _ => null,
        };
        return type is { } known
            ? (known, name.StartsWith('>'))
            : throw new DatasetException(
                $"{Path} holds elements of the type '{name}', which no field can have; convert it with numpy's astype to a " +
                "float or integer type.");
    }

    private long[] ParseShape(string tuple)
    {
        var shape = tuple.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(extent => long.Parse(extent, CultureInfo.InvariantCulture)).ToArray();
        if (shape.Length == 0)
            throw new DatasetException(
                $"{Path} holds a single number, not an array of samples; save an array whose first axis counts samples.");
        if (shape.Contains(0))
            throw new DatasetException($"{Path} holds no samples (its shape is {string.Join(" x ", shape)}); check the input.");
        return shape;
    }

    private void CheckSize()
    {
        var expected = dataStart + Shape.Aggregate((double)elementBytes, (product, extent) => product * extent);
        var actual = RandomAccess.GetLength(handle);
        if (actual < expected)
            throw new DatasetException($"{Path} is cut short: it has {actual} of {expected} bytes; fetch it again.");
        if (actual > expected)
            throw new DatasetException(
                $"{Path} is longer than its header says ({actual} bytes, not {expected}); fetch it again.");
    }

    private string Match(Regex pattern, string header, string key) => pattern.Match(header) is { Success: true } match
        ? match.Groups[1].Value
        : throw new DatasetException($"{Path} has a damaged header (no {key}); fetch it again.");

    [GeneratedRegex("'descr': *'([^']*)'")]
    private static partial Regex Descr();

    [GeneratedRegex("'fortran_order': *(True|False)")]
    private static partial Regex FortranOrder();

    [GeneratedRegex(@"'shape': *\(([0-9, ]*)\)")]
    private static partial Regex ShapeTuple();
}
