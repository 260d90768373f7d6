using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Topo;

/// <summary>The options of commands that work on one topology.</summary>
internal abstract class SourceOptions : CommandOptions
{
    [Value(0, Required = true, MetaName = "TOPOLOGY", HelpText = TopologySource.Help)]
    public string Topology { get; set; } = "";

    [Option("allocation", MetaValue = "RANKS", HelpText = TopologySource.AllocationHelp)]
    public string? Allocation { get; set; }

    public LinkGraph Load() => TopologySource.Load(Topology, Allocation);
}
