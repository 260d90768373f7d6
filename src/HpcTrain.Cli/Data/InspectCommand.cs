using System.Globalization;
using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Data;
using HpcTrain.Kernels;

namespace HpcTrain.Cli.Data;

/// <summary><c>hpctrain data inspect</c>.</summary>
internal static class InspectCommand
{
    private const int ShownElements = 12;

    public static int Run(string[] args)
    {
        if (OptionParser.Parse<InspectOptions>(
                "hpctrain data inspect", "Show what a dataset holds: fields, shards, where it came from, its first samples.", args,
                "Example:\n  hpctrain data inspect data/fashion-mnist/train --samples 5") is not { } options)
            return ExitCodes.Ok;
        if (options.Samples < 0)
            throw new UsageException($"--samples must be 0 or more, not {options.Samples}");
        using var dataset = ShardedDataset.Open(options.Folder, new DatasetOptions { Check = DatasetCheck.Schema });
        if (options.Json)
            Console.WriteLine(DataJson.Of(dataset));
        else
            Print(dataset, options.Samples);
        return ExitCodes.Ok;
    }

    private static void Print(ShardedDataset dataset, int samples)
    {
        var manifest = dataset.Manifest;
        var decoded = dataset.Fields.Sum(field => field.BytesPerSample) * dataset.Count;
        var stored = manifest.Shards.Sum(shard => shard.Bytes);
        Console.WriteLine(dataset.Folder);
        Console.WriteLine($"  samples      {dataset.Count}");
        foreach (var field in dataset.Fields)
            Console.WriteLine($"  field        {field}, {field.ChunkSamples} samples per chunk");
        var sizes = manifest.Shards.Select(shard => shard.Samples).ToArray();
        Console.WriteLine($"  shards       {sizes.Length}, {sizes.Min()} to {sizes.Max()} samples");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"  size         {stored / 1e6:F1} MB in files, {decoded / 1e6:F1} MB decoded"));
        Console.WriteLine($"  fingerprint  {dataset.Fingerprint}");
        if (manifest.Vocabulary is { } vocabulary)
            Console.WriteLine($"  vocabulary   {vocabulary.Count} ids, 1 of them for unknown characters");
        if (manifest.Source is { } source)
            Console.WriteLine($"  imported     by {source.Importer} from {string.Join(", ", source.Inputs.Select(input => input.Name))}");
        for (var sample = 0; sample < Math.Min(samples, dataset.Count); sample++)
            foreach (var field in dataset.Fields)
                Console.WriteLine($"  sample {sample,-5} {field.Name} {Elements(dataset, field, sample)}");
    }

    private static string Elements(ShardedDataset dataset, FieldSchema field, long sample) => field.Type switch
    {
        ElementType.F32 => Elements<float>(dataset, field, sample),
        ElementType.F64 => Elements<double>(dataset, field, sample),
        ElementType.F16 => Elements<Half>(dataset, field, sample),
        ElementType.BF16 => Elements<BFloat16>(dataset, field, sample),
        ElementType.I8 => Elements<sbyte>(dataset, field, sample),
        ElementType.U8 => Elements<byte>(dataset, field, sample),
        ElementType.I16 => Elements<short>(dataset, field, sample),
        ElementType.U16 => Elements<ushort>(dataset, field, sample),
        ElementType.I32 => Elements<int>(dataset, field, sample),
        ElementType.U32 => Elements<uint>(dataset, field, sample),
        ElementType.I64 => Elements<long>(dataset, field, sample),
        _ => Elements<ulong>(dataset, field, sample),
    };

    private static string Elements<T>(ShardedDataset dataset, FieldSchema field, long sample) where T : unmanaged
    {
        var values = dataset.Read<T>(field.Name, sample, 1);
        // Images begin with their border: the middle says more.
        var from = Math.Max(0, values.Length / 2 - ShownElements / 2);
        var shown = values.Skip(from).Take(ShownElements).Select(value => string.Create(CultureInfo.InvariantCulture, $"{value}"));
        return values.Length <= ShownElements ? string.Join(' ', shown) : $"... {string.Join(' ', shown)} ... ({values.Length} elements)";
    }

    private sealed class InspectOptions : FolderOptions
    {
        [Option("samples", Default = 2, MetaValue = "N", HelpText = "How many samples to show.")]
        public int Samples { get; set; }
    }
}
