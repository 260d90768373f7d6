using System.IO.Compression;
using System.Security.Cryptography;

namespace HpcTrain.Data.Importers;

/// <summary>
/// An input file read from front to back, plain or gzip (told apart by the first two bytes, not by the name). The file's
/// SHA-256 is taken on the way, so that the manifest can name what was imported without reading it twice.
/// </summary>
internal sealed class InputFile : IDisposable
{
    private readonly HashingStream raw;

    public InputFile(string path)
    {
        Path = path;
        try
        {
            raw = new HashingStream(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan));
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            throw DatasetException.FromIO("read", path, e);
        }
        Content = raw.StartsWithGzipMagic() ? new GZipStream(raw, CompressionMode.Decompress) : raw;
        if (raw.Length == 0)
        {
            Dispose();
            throw new DatasetException($"{path} is empty; check the download or the path.");
        }
    }

    public string Path { get; }

    /// <summary>The decompressed contents.</summary>
    public Stream Content { get; }

    /// <summary>From 0 to 1, by bytes of the file as it lies on disk.</summary>
    public double Progress => (double)raw.Position / raw.Length;

    /// <summary>Fills the span, or as much of it as the file still holds; returns the bytes read.</summary>
    public int ReadUpTo(Span<byte> destination)
    {
        try
        {
            return Content.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException e)
        {
            throw new DatasetException($"{Path} is a damaged gzip file ({e.Message.TrimEnd('.')}); fetch it again.", inner: e);
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            throw DatasetException.FromIO("read", Path, e);
        }
    }

    /// <summary>Name, size and checksum of the whole file; reads what is left of it.</summary>
    public SourceFile Describe()
    {
        try
        {
            return new SourceFile(System.IO.Path.GetFileName(Path), raw.Length, raw.FinishHash());
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            throw DatasetException.FromIO("read", Path, e);
        }
    }

    public void Dispose()
    {
        if (Content != raw)
            Content?.Dispose();
        raw.Dispose();
    }

    /// <summary>Passes reads through and hashes what passes.</summary>
    private sealed class HashingStream(FileStream file) : Stream
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => throw new NotSupportedException();
        }

        public bool StartsWithGzipMagic()
        {
            Span<byte> magic = stackalloc byte[2];
            var found = RandomAccess.Read(file.SafeFileHandle, magic, 0) == 2 && magic is [0x1f, 0x8b];
            return found;
        }

        public override int Read(Span<byte> buffer)
        {
            var read = file.Read(buffer);
            hash.AppendData(buffer[..read]);
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public string FinishHash()
        {
            var rest = new byte[1 << 16];
            while (Read(rest) > 0)
            {
            }
            return Convert.ToHexStringLower(hash.GetCurrentHash());
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                file.Dispose();
                hash.Dispose();
            }
            base.Dispose(disposing);
        }
    }
}
