using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Data;

namespace HpcTrain.Cli.Data;

internal sealed class NpyImportOptions : ImportOptionsBase, IImportOptions
{
    public static string Summary => "Make a dataset from NumPy arrays, one .npy file per field, whose first axis counts samples.";

    public static string Example => "hpctrain data import npy --fields image=images.npy,label=labels.npy --out data/train";

    [Option("fields", Required = true, MetaValue = "NAME=FILE,...", HelpText = "The fields and their files.")]
    public string FieldFiles { get; set; } = "";

    public SampleReader Open() => new NpyReader([.. FieldFiles.Split(',').Select(Parse)]);

    private static (string Field, string Path) Parse(string text) => text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } path]
        ? (name, path)
        : throw new UsageException($"--fields must look like image=images.npy,label=labels.npy, but has '{text}'");
}
