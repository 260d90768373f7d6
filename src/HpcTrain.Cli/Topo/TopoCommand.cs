using HpcTrain.Cli.CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Topo;

/// <summary><c>hpctrain topo</c>: the links between ranks.</summary>
internal static class TopoCommand
{
    private static readonly CommandTable Verbs = new(
        "hpctrain topo",
        "Topologies: ranks, NICs, switches and hosts with the links between them. They come from a file (the content tells its kind:\n" +
        "own JSON, XML of NCCL, RCCL or hwloc, the table of nvidia-smi topo -m, Slurm's topology) or are built in (dgx1v, fat-tree:k=16).",
        [
            new Command("show", "what is in a topology: nodes, links, boxes, bandwidth of each rank", ShowCommand.Run),
            new Command("draw", "draw a topology as SVG", DrawCommand.Run),
            new Command("convert", "write a topology as JSON or for graphviz", ConvertCommand.Run),
            new Command("plan", "pack trees into the links for a collective, and say how close to the best they come", PlanCommand.Run),
            new Command("probe", "measure the links between the ranks of a job", ProbeCommand.Run),
        ])
    {
        Examples =
        [
            "hpctrain topo show dgx1v",
            "nvidia-smi topo -m > box.txt; hpctrain topo show box.txt --allocation 0,1,4,5",
            "hpctrain topo draw dgx1v --out dgx1v.svg",
            "hpctrain topo convert topo.xml --out box.json",
            "hpctrain topo plan dgx1v --allocation 0,1,4,5",
            "hpctrain topo plan topo.xml --collective broadcast --root 2 --json plan.json",
            "srun -N 4 -n 32 hpctrain topo probe --out cluster.json",
        ],
        Footer = $"{TopologySource.BuiltIns()}\n{ExitCodes.Help}",
    };

    public static int Run(string[] args) => Verbs.Run(args);
}
