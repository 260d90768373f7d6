using HpcTrain.Data.Importers;

namespace HpcTrain.Data;

/// <summary>
/// Reads NumPy arrays (.npy, format versions 1 to 3, C or Fortran order, little- or big-endian): one file per field, whose
/// first axis counts samples. Booleans become u8.
/// </summary>
public sealed class NpyReader : SampleReader
{
    private readonly List<NpyFile> files = [];
    private readonly IReadOnlyList<(string Field, string Path)> inputs;
    private long done;

    /// <summary>Opens the files and checks that they go together.</summary>
    /// <param name="inputs">Per field: its name and its file.</param>
    /// <exception cref="DatasetException">A file cannot be read, is no .npy file, or has another number of samples than the
    /// first.</exception>
    public NpyReader(IReadOnlyList<(string Field, string Path)> inputs)
    {
        this.inputs = inputs;
        if (inputs.Count == 0)
            throw new DatasetException("No .npy file was given; name at least one field and its file.");
        try
        {
            foreach (var (_, path) in inputs)
                files.Add(new NpyFile(path));
            foreach (var file in files)
                if (file.Shape[0] != files[0].Shape[0])
                    throw new DatasetException(
                        $"{files[0].Path} has {files[0].Shape[0]} samples but {file.Path} has {file.Shape[0]}; give files that belong together.");
            Fields = [.. inputs.Zip(files, (input, file) => new FieldSchema(input.Field, file.Type, file.Shape[1..]))];
            foreach (var (field, file) in Fields.Zip(files))
                field.Validate(file.Path);
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
    public override long? Count => files[0].Shape[0];

    /// <inheritdoc/>
    public override double Progress => (double)done / files[0].Shape[0];

    /// <inheritdoc/>
    public override string Importer => "npy";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Options =>
        new Dictionary<string, string> { ["fields"] = string.Join(',', inputs.Select(input => input.Field)) };

    /// <inheritdoc/>
    public override IReadOnlyList<string> Inputs => [.. inputs.Select(input => input.Path)];

    /// <inheritdoc/>
    public override int Read(int samples, IReadOnlyList<Memory<byte>> buffers)
    {
        samples = (int)Math.Min(samples, files[0].Shape[0] - done);
        for (var i = 0; i < files.Count && samples > 0; i++)
            files[i].Read(done, samples, buffers[i].Span[..(int)(samples * Fields[i].BytesPerSample)]);
        done += samples;
        return samples;
    }

    // Fortran order does not read a file from front to back, so the checksum takes a pass of its own.
    internal override IReadOnlyList<SourceFile> DescribeInputs() =>
        [.. files.Select(file => new SourceFile(Path.GetFileName(file.Path), new FileInfo(file.Path).Length, FileHash.Sha256(file.Path)))];

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var file in files)
            file.Dispose();
    }
}
