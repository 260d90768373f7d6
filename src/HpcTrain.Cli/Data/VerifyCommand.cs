using HpcTrain.CommandLine;
using HpcTrain.Data;

namespace HpcTrain.Cli.Data;

/// <summary><c>hpctrain data verify</c>: exit code 0 for a whole dataset, 3 otherwise.</summary>
internal static class VerifyCommand
{
    public static int Run(string[] args)
    {
        if (OptionParser.Parse<VerifyOptions>(
                "hpctrain data verify", "Read every shard of a dataset and compare size, checksum and schema with the manifest.", args,
                "Example:\n  hpctrain data verify data/fashion-mnist/train") is not { } options)
            return ExitCodes.Ok;
        using var progress = new ProgressLine(Console.Error, !Console.IsErrorRedirected);
        var result = DatasetVerifier.Run(options.Folder, progress.Report);
        progress.Finish();
        if (options.Json)
            Console.WriteLine(DataJson.Of(result));
        else
            Print(result);
        return result.IsWhole ? ExitCodes.Ok : ExitCodes.BadData;
    }

    private static void Print(VerificationResult result)
    {
        var manifest = result.Manifest;
        foreach (var problem in result.Problems)
            Console.Error.WriteLine($"hpctrain: {problem}");
        Console.WriteLine(result.IsWhole
            ? $"{result.Folder}: whole, {manifest.Samples} samples in {manifest.Shards.Count} shards, fingerprint {manifest.Fingerprint[..16]}"
            : $"{result.Folder}: {result.Problems.Count} of {manifest.Shards.Count} shards are bad");
    }

    private sealed class VerifyOptions : FolderOptions;
}
