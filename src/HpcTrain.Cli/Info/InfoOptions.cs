using CommandLine;

namespace HpcTrain.Cli.Info;

internal sealed class InfoOptions
{
    [Option("json", HelpText = "One JSON object on standard output instead of text.")]
    public bool Json { get; set; }
}
