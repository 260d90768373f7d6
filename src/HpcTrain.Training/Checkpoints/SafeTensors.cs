using System.Buffers.Binary;
using System.Text.Json;

namespace HpcTrain.Training.Checkpoints;

/// <summary>
/// Reads and writes the safetensors format: eight bytes of header length (little-endian), a JSON header that gives each
/// tensor's type, shape and byte range, then the raw bytes. Python's <c>safetensors</c> opens these files as they are, and
/// reading one never runs code. See github.com/huggingface/safetensors, "Format".
/// </summary>
public static class SafeTensors
{
    private const int HeaderAlignment = 8;
    private const int LargestHeader = 100_000_000; // the limit of the reference implementation

    /// <summary>Writes tensors to a stream, in order.</summary>
    /// <exception cref="IOException">The stream cannot take them.</exception>
    public static void Write(Stream stream, IReadOnlyList<StoredTensor> tensors)
    {
        var header = Header(tensors);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var tensor in tensors)
        {
            var bytes = tensor.Bytes();
            if (bytes.Length != tensor.ByteCount)
            {
                throw new ArgumentException($"tensor {tensor.Name} has {bytes.Length} bytes, its shape says {tensor.ByteCount}", nameof(tensors));
            }

            stream.Write(bytes);
        }
    }

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="CheckpointException">The file is not safetensors, or its header contradicts its size.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static SafeTensorsFile Open(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            return new SafeTensorsFile(path, stream, ReadHeader(path, stream, out var dataStart), dataStart);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static byte[] Header(IReadOnlyList<StoredTensor> tensors)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type);
                json.WriteStartArray("shape");
                foreach (var extent in tensor.Shape)
                {
                    json.WriteNumberValue(extent);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.ByteCount);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.Length % HeaderAlignment != 0)
        {
            buffer.WriteByte((byte)' ');
        }

        return buffer.ToArray();
    }

    private static Dictionary<string, SafeTensorsEntry> ReadHeader(string path, FileStream stream, out long dataStart)
    {
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        if (stream.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) < length.Length)
        {
            throw Damaged(path, "it is shorter than a header");
        }

        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (headerLength > LargestHeader || (long)headerLength > stream.Length - sizeof(ulong))
        {
            throw Damaged(path, "its header is longer than the file");
        }

        var header = new byte[headerLength];
        stream.ReadExactly(header);
        dataStart = sizeof(ulong) + (long)headerLength;
        var entries = new Dictionary<string, SafeTensorsEntry>();
        try
        {
            using var json = JsonDocument.Parse(header);
            foreach (var property in json.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__"))
            {
                var offsets = property.Value.GetProperty("data_offsets");
                var entry = new SafeTensorsEntry(
                    property.Value.GetProperty("dtype").GetString()!,
                    [.. property.Value.GetProperty("shape").EnumerateArray().Select(e => e.GetInt64())],
                    offsets[0].GetInt64(),
                    offsets[1].GetInt64());
                var expected = entry.Shape.Aggregate((long)StoredTensor.ElementSize(entry.Type), (product, extent) => product * extent);
                if (entry.Begin < 0 || entry.Shape.Any(extent => extent < 0) || entry.End - entry.Begin != expected || dataStart + entry.End > stream.Length)
                {
                    throw Damaged(path, $"tensor {property.Name} does not fit its byte range");
                }

                entries.Add(property.Name, entry);
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            throw Damaged(path, "its header is not the JSON it should be");
        }

        return entries;
    }

    private static CheckpointException Damaged(string path, string why)
        => new($"{path} is damaged: {why}; use another checkpoint.");
}
