namespace HpcTrain.Data;

/// <summary>
/// A source of samples for <see cref="DatasetImport"/>: one kind of input files. Reads forward, in bounded memory. Used by one
/// thread.
/// </summary>
public abstract class SampleReader : IDisposable
{
    /// <summary>The fields of every sample, without chunk sizes.</summary>
    public abstract IReadOnlyList<FieldSchema> Fields { get; }

    /// <summary>How many samples there are, or null when only reading tells.</summary>
    public abstract long? Count { get; }

    /// <summary>How much of the input has been read, from 0 to 1.</summary>
    public abstract double Progress { get; }

    /// <summary>The importer's name, for the manifest.</summary>
    public abstract string Importer { get; }

    /// <summary>What shapes the result, for the manifest: option names and values.</summary>
    public abstract IReadOnlyDictionary<string, string> Options { get; }

    /// <summary>The paths of the input files.</summary>
    public abstract IReadOnlyList<string> Inputs { get; }

    /// <summary>What the ids in the fields stand for, for the manifest; null where they are not ids.</summary>
    public virtual Vocabulary? Vocabulary => null;

    /// <summary>Reads the next samples.</summary>
    /// <param name="samples">At most so many.</param>
    /// <param name="buffers">Per field: room for samples x BytesPerSample bytes; filled from the start, little-endian.</param>
    /// <returns>How many samples were read; 0 at the end.</returns>
    /// <exception cref="DatasetException">The input is damaged, cut short or not of the expected kind.</exception>
    public abstract int Read(int samples, IReadOnlyList<Memory<byte>> buffers);

    /// <summary>Size and checksum of every input, once all samples have been read.</summary>
    internal abstract IReadOnlyList<SourceFile> DescribeInputs();

    /// <summary>Closes the input files.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes the input files.</summary>
    protected abstract void Dispose(bool disposing);
}
