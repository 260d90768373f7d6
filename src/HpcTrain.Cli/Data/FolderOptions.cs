using CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Data;

/// <summary>The options of commands that look at one dataset.</summary>
internal abstract class FolderOptions : CommandOptions
{
    [Value(0, Required = true, MetaName = "FOLDER", HelpText = "The dataset.")]
    public string Folder { get; set; } = "";

    [Option("json", HelpText = "One JSON object on stdout.")]
    public bool Json { get; set; }
}
