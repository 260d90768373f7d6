using CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Info;

internal sealed class InfoOptions : CommandOptions
{
    [Option("json", HelpText = "One JSON object on standard output instead of text.")]
    public bool Json { get; set; }

    [Option("rank", HelpText = "Only what this process is as a rank of a job: its number, node, neighbours, GPUs, and its Slurm job. For srun or mpirun.")]
    public bool Rank { get; set; }
}
