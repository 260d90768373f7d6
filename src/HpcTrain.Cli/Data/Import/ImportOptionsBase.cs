using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Data;

namespace HpcTrain.Cli.Data;

/// <summary>The options that every import has.</summary>
internal abstract class ImportOptionsBase : CommandOptions
{
    [Option("out", Required = true, MetaValue = "FOLDER", HelpText = "The dataset's folder; it appears only when it is whole.")]
    public string Out { get; set; } = "";

    [Option("shard-samples", MetaValue = "N", HelpText = "Samples per shard file (default: about 64 MiB of samples).")]
    public int ShardSamples { get; set; }

    [Option("chunk", MetaValue = "N", HelpText = "Samples per chunk, the unit of reading (default: about 256 KiB of samples).")]
    public int Chunk { get; set; }

    [Option("deflate", Default = 4, MetaValue = "0-9", HelpText = "Compression, 0 (none) to 9 (smallest).")]
    public int Deflate { get; set; }

    [Option("if-missing", HelpText = "Do nothing when the same import has been done already and its files are there.")]
    public bool IfMissing { get; set; }

    [Option("overwrite", HelpText = "Replace a dataset that is there, once the new one is whole.")]
    public bool Overwrite { get; set; }

    [Option("quiet", HelpText = "No progress.")]
    public bool Quiet { get; set; }

    public ImportOptions ToImportOptions(Action<ImportProgress>? onProgress)
    {
        if (IfMissing && Overwrite)
            throw new UsageException("--if-missing keeps a dataset and --overwrite replaces it; give one of them");
        if (ShardSamples < 0)
            throw new UsageException($"--shard-samples must be 1 or more, not {ShardSamples}");
        if (Chunk < 0)
            throw new UsageException($"--chunk must be 1 or more, not {Chunk}");
        if (Deflate is < 0 or > 9)
            throw new UsageException($"--deflate must be 0 to 9, not {Deflate}");
        return new ImportOptions
        {
            ShardSamples = ShardSamples,
            ChunkSamples = Chunk,
            Deflate = Deflate,
            Existing = IfMissing ? ExistingDataset.KeepIdentical : Overwrite ? ExistingDataset.Replace : ExistingDataset.Refuse,
            OnProgress = onProgress,
        };
    }

    /// <summary>Reads "1,28,28".</summary>
    protected static IReadOnlyList<long>? ParseShape(string option, string? text)
    {
        if (text is null)
            return null;
        var shape = new List<long>();
        foreach (var part in text.Split(','))
            shape.Add(long.TryParse(part, out var extent) && extent > 0
                ? extent
                : throw new UsageException($"the value of {option} is not of the form 1,28,28: '{text}'"));
        return shape;
    }
}
