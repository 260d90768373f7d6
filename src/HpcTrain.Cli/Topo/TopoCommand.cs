using HpcTrain.Cli.CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Topo;

/// <summary><c>hpctrain topo</c>: the links between ranks.</summary>
internal static class TopoCommand
{
    private static readonly CommandTable Verbs = new(
        "hpctrain topo",
        "Topologies: which links there are between ranks, and what collectives can make of them.",
        [
            new Command("plan", "pack trees into the links for a collective, and say how close to the best they come", PlanCommand.Run),
        ])
    {
        Examples =
        [
            "hpctrain topo plan dgx1v --allocation 0,1,4,5",
            "hpctrain topo plan topo.xml --collective broadcast --root 2 --json plan.json",
        ],
        Footer = ExitCodes.Help,
    };

    public static int Run(string[] args) => Verbs.Run(args);
}
