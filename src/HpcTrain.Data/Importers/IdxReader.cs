using System.Buffers.Binary;
using System.Globalization;
using HpcTrain.Data.Importers;
using HpcTrain.Kernels;

namespace HpcTrain.Data;

/// <summary>
/// Reads a pair of IDX files (the format of MNIST and its kin), plain or gzip: images and labels, one label per image. An IDX
/// file is a magic number (two zero bytes, the element type, the number of axes), the extents and the elements, all big-endian.
/// Images of two axes get a channel axis in front, [28,28] to [1,28,28], as convolutions expect them; a shape says otherwise.
/// Fields: "image" and "label".
/// </summary>
public sealed class IdxReader : SampleReader
{
    private readonly IdxFile images;
    private readonly IdxFile labels;
    private readonly bool shapeGiven;
    private long done;

    /// <summary>Opens both files and checks that they go together.</summary>
    /// <param name="images">The images: samples x any shape.</param>
    /// <param name="labels">The labels: one number per sample.</param>
    /// <param name="shape">The shape of one image in the dataset, with as many elements as in the file; null for the file's
    /// shape with a channel axis.</param>
    /// <exception cref="DatasetException">A file cannot be read, is no IDX file, or the two do not go together.</exception>
    public IdxReader(string images, string labels, IReadOnlyList<long>? shape = null)
    {
        this.images = new IdxFile(images);
        try
        {
            this.labels = new IdxFile(labels);
            if (this.images.Extents.Length < 2)
                throw new DatasetException(
                    $"{images} holds single numbers, not images; give the images to --images and the labels to --labels.");
            if (this.labels.Extents.Length != 1)
                throw new DatasetException(
                    $"{labels} holds {this.labels.Extents.Length}-dimensional data, not labels; give the labels to --labels " +
                    "and the images to --images.");
            if (this.images.Extents[0] != this.labels.Extents[0])
                throw new DatasetException(
                    $"{images} has {this.images.Extents[0]} images but {labels} has {this.labels.Extents[0]} labels; give " +
                    "two files that belong together.");
            shapeGiven = shape is not null;
            Fields = [new("image", this.images.Type, ImageShape(images, shape)), new("label", this.labels.Type, [])];
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FieldSchema> Fields { get; }

    /// <inheritdoc/>
    public override long? Count => images.Extents[0];

    /// <inheritdoc/>
    public override double Progress => images.Input.Progress;

    /// <inheritdoc/>
    public override string Importer => "idx";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Options =>
        shapeGiven ? new Dictionary<string, string> { ["shape"] = string.Join(',', Fields[0].Shape) } : new Dictionary<string, string>();

    /// <inheritdoc/>
    public override IReadOnlyList<string> Inputs => [images.Input.Path, labels.Input.Path];

    /// <inheritdoc/>
    public override int Read(int samples, IReadOnlyList<Memory<byte>> buffers)
    {
        samples = (int)Math.Min(samples, images.Extents[0] - done);
        images.Read(buffers[0].Span[..(int)(samples * Fields[0].BytesPerSample)], done);
        labels.Read(buffers[1].Span[..(int)(samples * Fields[1].BytesPerSample)], done);
        done += samples;
        if (samples == 0)
        {
            images.CheckEnd();
            labels.CheckEnd();
        }
        return samples;
    }

    internal override IReadOnlyList<SourceFile> DescribeInputs() => [images.Input.Describe(), labels.Input.Describe()];

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        images.Input.Dispose();
        labels?.Input.Dispose();
    }

    private IReadOnlyList<long> ImageShape(string path, IReadOnlyList<long>? shape)
    {
        var stored = images.Extents[1..];
        if (shape is null)
            return stored.Length == 2 ? [1, .. stored] : stored;
        if (shape.Aggregate(1L, (product, extent) => product * extent) != stored.Aggregate(1L, (product, extent) => product * extent))
            throw new DatasetException(
                $"{path} has images of shape [{string.Join(',', stored)}], " +
                $"which cannot become [{string.Join(',', shape)}]; give a shape with as many elements.");
        return shape;
    }

    /// <summary>One IDX file: its header is read at once, its elements as asked for.</summary>
    private sealed class IdxFile
    {
        private readonly long bytesPerSample;

        public IdxFile(string path)
        {
            Input = new InputFile(path);
            try
            {
                Span<byte> magic = stackalloc byte[4];
                if (Input.ReadUpTo(magic) < 4 || magic[0] != 0 || magic[1] != 0 || magic[3] == 0 || TypeOf(magic[2]) is not { } type)
                    throw new DatasetException(
                        $"{path} is no IDX file (its first bytes are not an IDX magic number); give a file such as " +
                        "train-images-idx3-ubyte.gz.");
                Type = type;
                Extents = new long[magic[3]];
                Span<byte> extent = stackalloc byte[4];
                for (var axis = 0; axis < Extents.Length; axis++)
                {
                    if (Input.ReadUpTo(extent) < 4)
                        throw new DatasetException($"{path} is cut short in its header; fetch it again.");
                    Extents[axis] = BinaryPrimitives.ReadUInt32BigEndian(extent);
                }
                if (Extents.Contains(0))
                    throw new DatasetException(
                        $"{path} holds no samples (its extents are {string.Join(" x ", Extents)}); check the input.");
                if (Extents[1..].Aggregate(1.0, (product, length) => product * length) > int.MaxValue / Type.SizeInBytes())
                    throw new DatasetException(
                        $"{path} has samples larger than 2 GiB (its extents are {string.Join(" x ", Extents)}); check the " +
                        "input.");
                bytesPerSample = Extents[1..].Aggregate((long)Type.SizeInBytes(), (product, length) => product * length);
            }
            catch
            {
                Input.Dispose();
                throw;
            }
        }

        public InputFile Input { get; }

        public ElementType Type { get; }

        public long[] Extents { get; }

        public void Read(Span<byte> destination, long done)
        {
            var read = Input.ReadUpTo(destination);
            if (read < destination.Length)
                throw new DatasetException(string.Create(CultureInfo.InvariantCulture,
                    $"{Input.Path} is cut short: it has {done + read / bytesPerSample} of {Extents[0]} samples; fetch it again."));
            ByteOrder.Reverse(destination, Type.SizeInBytes());
        }

        public void CheckEnd()
        {
            if (Input.ReadUpTo(stackalloc byte[1]) > 0)
                throw new DatasetException(
                    $"{Input.Path} is longer than its header says ({Extents[0]} samples); fetch it again.");
        }

        private static ElementType? TypeOf(byte code) => code switch
        {
            0x08 => ElementType.U8,
            0x09 => ElementType.I8,
            0x0B => ElementType.I16,
            0x0C => ElementType.I32,
            0x0D => ElementType.F32,
            0x0E => ElementType.F64,
            _ => null,
        };
    }
}
