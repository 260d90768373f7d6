using HpcTrain.Cli.CommandLine;

namespace HpcTrain.Cli.Topo;

/// <summary>`hpctrain topo`: the links between ranks.</summary>
internal static class TopoCommand
{
    private static readonly CommandTable Verbs = new(
        "hpctrain topo",
        "The links between ranks.",
        [
            new Command("probe", "measure the links between the ranks of a job, and write them as a topology", ProbeCommand.Run),
        ])
    {
        Examples =
        [
            "hpctrain topo probe --ranks 4                       what links 4 ranks of this machine have",
        ],
    };

    public static int Run(string[] args) => Verbs.Run(args);
}
