using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Runs;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Topo;

/// <summary><c>hpctrain topo convert</c>.</summary>
internal static class ConvertCommand
{
    private enum Format
    {
        Json,
        Dot,
    }

    public static int Run(string[] args)
    {
        if (OptionParser.Parse<ConvertOptions>(
                "hpctrain topo convert", "Write a topology in another format: JSON of hpctrain, which reads back equal, or DOT for graphviz.", args,
                "Examples:\n" +
                "  hpctrain topo convert topo.xml --out box.json\n" +
                "  hpctrain topo convert dgx1v --allocation 0,1,4,5 --out mine.json\n" +
                "  hpctrain topo convert torus:dims=4x4 --format dot | neato -Tsvg -o torus.svg") is not { } options)
            return ExitCodes.Ok;
        var graph = options.Load();
        var text = options.Format == Format.Dot ? LinkGraphDot.Write(graph) : LinkGraphJson.Write(graph);
        if (options.Out is null)
        {
            Console.Out.Write(text);
            return ExitCodes.Ok;
        }
        OutputFile.Write("the topology", options.Out, text);
        Console.Error.WriteLine($"hpctrain: wrote {options.Out}: {graph.Name}, {TopologyReport.Count(graph.Ranks, "rank")}, {graph.CountLinks()}");
        return ExitCodes.Ok;
    }

    private sealed class ConvertOptions : SourceOptions
    {
        [Option("format", Default = Format.Json, MetaValue = "json|dot", HelpText = "JSON of hpctrain, or DOT for the programs of graphviz.")]
        public Format Format { get; set; }

        [Option("out", MetaValue = "FILE", HelpText = "The file to write; one that exists is replaced (default: standard output).")]
        public string? Out { get; set; }
    }
}
