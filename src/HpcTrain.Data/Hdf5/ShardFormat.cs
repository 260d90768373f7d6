namespace HpcTrain.Data.Hdf5;

/// <summary>The names inside a shard file. A shard is an HDF5 file with one dataset per field, named as the field.</summary>
internal static class ShardFormat
{
    public const string Name = "hpctrain-shard";
    public const long Version = 1;

    // Attributes of the file.
    public const string FormatAttribute = "format";
    public const string VersionAttribute = "version";
    public const string SamplesAttribute = "samples";
    public const string ShardAttribute = "shard";
    public const string FirstSampleAttribute = "first_sample";

    // Attributes of a field's dataset.
    public const string TypeAttribute = "element_type";
    public const string ShapeAttribute = "sample_shape";

    public static string FileName(int shard) => $"shard-{shard:D5}.h5";
}
