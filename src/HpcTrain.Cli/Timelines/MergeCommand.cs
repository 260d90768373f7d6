using System.Globalization;
using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Runs;
using HpcTrain.Timelines;

namespace HpcTrain.Cli.Timelines;

/// <summary><c>hpctrain timeline merge</c>.</summary>
internal static class MergeCommand
{
    public static int Run(string[] args)
    {
        if (OptionParser.Parse<MergeOptions>(
                "hpctrain timeline merge",
                "Make one timeline of those of the ranks, by rank 0's clock. Of a rank that was killed, what it had written is taken.", args,
                "Examples:\n" +
                "  hpctrain timeline merge runs/fashion-mnist-20260301-120000-1a2b --out t.json\n" +
                "  hpctrain timeline merge rank-0.json rank-1.json --out t.json") is not { } options)
            return ExitCodes.Ok;
        string[] paths = [.. options.Paths];
        TimelineSource[] sources = [.. paths.SelectMany(path => Directory.Exists(path) ? TimelineMerge.SourcesIn(path) : [TimelineMerge.FromFile(path)])];
        if (sources.Any(source => Path.GetFullPath(source.Name) == Path.GetFullPath(options.Out)))
            throw new UsageException($"--out is '{options.Out}', which is one of the timelines to be merged; give another file");
        MergedTimeline merged = null!;
        OutputFile.Write("the timeline", options.Out, output => merged = TimelineMerge.Write(output, sources));
        foreach (string cut in merged.Cut)
            Console.Error.WriteLine($"hpctrain: note: {cut} has no end, its rank was killed or still runs: what is whole of it was taken");
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"hpctrain: wrote {options.Out}: {merged.Events} events of {merged.Ranks} ranks"));
        return ExitCodes.Ok;
    }

    private sealed class MergeOptions : CommandOptions
    {
        [Value(0, Required = true, MetaName = "RUN-FOLDER|FILE", HelpText = "A run's folder (its last attempt counts), a folder of files rank-N.json, or such files.")]
        public IEnumerable<string> Paths { get; set; } = [];

        [Option("out", Required = true, MetaValue = "FILE", HelpText = "The file to write; one that exists is replaced.")]
        public string Out { get; set; } = "";
    }
}
