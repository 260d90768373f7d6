using CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Info;

internal sealed class InfoOptions : CommandOptions
{
    [Option("json", HelpText = "One JSON object on standard output instead of text.")]
    public bool Json { get; set; }
}
