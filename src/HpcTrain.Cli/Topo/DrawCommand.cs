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
                "  hpctrain topo draw box.txt --links nvlink --allocation 0,1,4,5 --out mine.svg") is not { } options)
            return ExitCodes.Ok;
        if (options.Out.Length == 0)
            throw new UsageException("--out names no file");
        var graph = options.Load();
        OutputFile.Write("the drawing", options.Out, graph.ToSvg(new() { Title = options.Title, Links = options.Links }));
        Console.Error.WriteLine($"hpctrain: wrote {options.Out}: {graph.Name}, {TopologyReport.Count(graph.Ranks, "rank")}, {TopologyReport.Count(graph.Links.Length, "link")}");
        return ExitCodes.Ok;
    }

    private sealed class DrawOptions : SourceOptions
    {
        [Option("links", Default = DrawnLinks.All, MetaValue = "all|nvlink|pcie", HelpText =
            "nvlink: only what joins GPUs directly or by their own switches (NVLink, xGMI, C2C); pcie: only the rest, networks too.")]
        public DrawnLinks Links { get; set; }

        [Option("title", MetaValue = "TEXT", HelpText = "What stands above the drawing (default: the topology's name).")]
        public string? Title { get; set; }

        [Option("out", Required = true, MetaValue = "FILE", HelpText = "The file to write; one that exists is replaced.")]
        public string Out { get; set; } = "";
    }
}
