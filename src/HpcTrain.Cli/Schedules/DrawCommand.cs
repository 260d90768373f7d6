using CommandLine;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Runs;

namespace HpcTrain.Cli.Schedules;

/// <summary><c>hpctrain schedules draw</c>.</summary>
internal static class DrawCommand
{
    public static int Run(string[] args)
    {
        if (OptionParser.Parse<DrawOptions>(
                "hpctrain schedules draw",
                "Draw a schedule as SVG, for light and dark mode: every message between ranks, step by step; or a summary where that is too much.",
                args,
                "Examples:\n" +
                "  hpctrain schedules draw --algorithm ring --ranks 4 --out ring-4.svg\n" +
                "  hpctrain schedules draw ring-64.xml --out ring-64.svg") is not { } options)
            return ExitCodes.Ok;
        var schedule = options.Load();
        OutputFile.Write("the drawing", SpecOptions.FileName(options.Out), SpecOptions.OrUsage(() => schedule.ToSvg(options.View, options.NodesOf(schedule))));
        Console.Error.WriteLine($"hpctrain: wrote {options.Out}: {schedule}");
        return ExitCodes.Ok;
    }

    private sealed class DrawOptions : SourceOptions
    {
        [Option("view", Default = ScheduleView.Auto, MetaValue = "auto|steps|summary", HelpText =
            "steps: every message, for up to 16 ranks; summary: who sends how much to whom, for up to 256; auto: steps where they are readable.")]
        public ScheduleView View { get; set; }

        [Option("out", Required = true, MetaValue = "FILE", HelpText = "The file to write; one that exists is replaced.")]
        public string Out { get; set; } = "";

        /// <summary>The nodes that were named for an algorithm, to be shown above the ranks.</summary>
        public NodeMap? NodesOf(Schedule schedule) => Nodes is null ? null : NodeMap.Parse(Nodes, schedule.Ranks);
    }
}
