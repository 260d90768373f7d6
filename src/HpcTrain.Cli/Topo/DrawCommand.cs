using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Runs;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Topo;

/// <summary><c>hpctrain topo draw</c>.</summary>
internal static class DrawCommand
{
    public static int Run(string[] args)
    {
        if (OptionParser.Parse<DrawOptions>(
                "hpctrain topo draw",
                "Draw a topology as SVG, for light and dark mode: lines as wide as their bandwidth allows, in the shape that the links have.",
                args,
                "Examples:\n" +
                "  hpctrain topo draw dgx1v --out dgx1v.svg\n" +
                "  hpctrain topo draw box.txt --links nvlink --allocation 0,1,4,5 --out mine.svg\n" +
                "  hpctrain topo draw --plan plan.json --out plan.svg        trees along the links, and the cut that limits them") is not { } options)
            return ExitCodes.Ok;
        if (options.Out.Length == 0)
            throw new UsageException("--out names no file");
        var (graph, shown) = options.LoadShown();
        OutputFile.Write("the drawing", options.Out, graph.ToSvg(shown with { Title = options.Title ?? shown.Title, Links = options.Links }));
        var drawn = options.Links == DrawnLinks.All ? "" : $"{options.Links.ToString().ToLowerInvariant()} of ";
        Console.Error.WriteLine($"hpctrain: wrote {options.Out}: {graph.Name}, {TopologyReport.Count(graph.Ranks, "rank")}, {drawn}{graph.CountLinks()}");
        return ExitCodes.Ok;
    }

    private sealed class DrawOptions : CommandOptions
    {
        [Value(0, MetaName = "TOPOLOGY", HelpText = TopologySource.Help)]
        public string? Topology { get; set; }

        [Option("allocation", MetaValue = "RANKS", HelpText = TopologySource.AllocationHelp)]
        public string? Allocation { get; set; }

        [Option("plan", MetaValue = "FILE", HelpText =
            "A plan that 'hpctrain topo plan --json' wrote: its links, its trees and what limits it. With a TOPOLOGY, it has to be a plan for that.")]
        public string? Plan { get; set; }

        [Option("links", Default = DrawnLinks.All, MetaValue = "all|nvlink|pcie", HelpText =
            "nvlink: only what joins GPUs directly or by their own switches (NVLink, xGMI, C2C); pcie: only the rest, networks too.")]
        public DrawnLinks Links { get; set; }

        [Option("title", MetaValue = "TEXT", HelpText = "What stands above the drawing (default: the topology's name).")]
        public string? Title { get; set; }

        [Option("out", Required = true, MetaValue = "FILE", HelpText = "The file to write; one that exists is replaced.")]
        public string Out { get; set; } = "";

        /// <summary>The topology, and a plan's trees where there is one.</summary>
        public (LinkGraph Graph, TopologyDrawingOptions Shown) LoadShown()
        {
            var graph = Topology is null ? null : TopologySource.Load(Topology, Allocation);
            if (Plan is null)
                return (graph ?? throw new UsageException("name a topology, or a plan with --plan"), new());
            if (graph is null && Allocation is not null)
                throw new UsageException("--allocation is of a TOPOLOGY; a plan has the ranks that it was made for");
            var plan = LinkPlanJson.Load(Plan);
            if (graph is not null)
                plan.RequireTopology(graph);
            return (graph ?? plan.Graph, TopologyDrawingOptions.Of(plan));
        }
    }
}
