using CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Topo;

internal sealed class ProbeCommandOptions : CommandOptions
{
    [Option('o', "out", Default = "topology.json", MetaValue = "FILE", HelpText = "The topology to write; it is there as a whole or not at all.")]
    public string Out { get; set; } = "";

    [Option("name", MetaValue = "NAME", HelpText = "What the topology is called (the file's name without its ending).")]
    public string? Name { get; set; }

    [Option("time", Default = 30.0, MetaValue = "SECONDS", HelpText = "The time for all measurements; what matters least is left out when it is short.")]
    public double Time { get; set; }

    [Option("sizes", Default = "8,512K", MetaValue = "LEAST,MOST", HelpText = "The message that latency is measured with, and the longest of a stream.")]
    public string Sizes { get; set; } = "";

    [Option("stall-timeout", Default = 30.0, MetaValue = "SECONDS", HelpText = "How long a message may stand still before the probe ends and names its ranks.")]
    public double StallTimeout { get; set; }

    [Option("ranks", MetaValue = "COUNT", HelpText = "Without a launcher: start that many ranks on this machine (one for each core).")]
    public int? Ranks { get; set; }

    [Option("mpi", MetaValue = "openmpi|mpich", HelpText = "Without a launcher: whose mpirun to start the ranks with (the first found).")]
    public string? Mpi { get; set; }
}
