using HpcTrain.Cli.CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Data;

namespace HpcTrain.Cli.Data;

/// <summary><c>hpctrain data import</c>: one verb per kind of input.</summary>
internal static class ImportCommand
{
    private const string Path = "hpctrain data import";

    private static readonly CommandTable Verbs = new(
        Path,
        "Make a dataset from files. Interrupted, an import leaves nothing that looks whole; run it again.",
        [
            new Command("idx", "a pair of IDX files, plain or gzip: images and labels", args => Import<IdxImportOptions>(args, "idx")),
            new Command("csv", "a CSV file: a label column and feature columns", args => Import<CsvImportOptions>(args, "csv")),
            new Command("npy", "NumPy arrays, one file per field", args => Import<NpyImportOptions>(args, "npy")),
            new Command("text", "a text, for models that predict the next character", args => Import<TextImportOptions>(args, "text")),
        ])
    {
        Examples = [IdxImportOptions.Example, CsvImportOptions.Example, NpyImportOptions.Example, TextImportOptions.Example],
        Footer = ExitCodes.Help,
    };

    public static int Run(string[] args) => Verbs.Run(args);

    private static int Import<T>(string[] args, string verb) where T : ImportOptionsBase, IImportOptions
    {
        if (OptionParser.Parse<T>($"{Path} {verb}", T.Summary, args, $"Example:\n  {T.Example}") is not { } options)
            return ExitCodes.Ok;
        using var progress = options.Quiet ? null : new ProgressLine(Console.Error, !Console.IsErrorRedirected);
        var import = options.ToImportOptions(progress is null ? null : progress.Report);
        using var reader = options.Open();
        var result = DatasetImport.Run(reader, options.Out, import);
        progress?.Finish();
        var manifest = result.Manifest;
        Console.WriteLine(result.Imported
            ? $"{options.Out}: {manifest.Samples} samples in {manifest.Shards.Count} shards, " +
              $"{manifest.Shards.Sum(shard => shard.Bytes) / 1e6:F1} MB ({string.Join(", ", manifest.Fields)})"
            : $"{options.Out}: already there, {manifest.Samples} samples");
        return ExitCodes.Ok;
    }
}
