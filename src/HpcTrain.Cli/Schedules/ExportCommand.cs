using CommandLine;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Runs;

namespace HpcTrain.Cli.Schedules;

/// <summary><c>hpctrain schedules export</c>.</summary>
internal static class ExportCommand
{
    private enum Format
    {
        Json,
        Msccl,
    }

    public static int Run(string[] args)
    {
        if (OptionParser.Parse<ExportOptions>(
                "hpctrain schedules export", "Write a schedule as a file, after proving it. With a FILE, this turns one format into the other.", args,
                "Examples:\n" +
                "  hpctrain schedules export --algorithm ring --ranks 8 --format msccl --out ring-8.xml\n" +
                "  hpctrain schedules export ring-8.xml --format json --out ring-8.json") is not { } options)
            return ExitCodes.Ok;
        var schedule = options.Load();
        var notes = new List<string>();
        var text = options.Format == Format.Msccl ? SpecOptions.OrUsage(() => schedule.ToMsccl(notes)) : schedule.ToJson();
        OutputFile.Write("the schedule", SpecOptions.FileName(options.Out), text);
        foreach (var note in notes)
            Console.Error.WriteLine($"hpctrain: note: {note}");
        Console.Error.WriteLine($"hpctrain: wrote {options.Out}: {schedule}");
        return ExitCodes.Ok;
    }

    private sealed class ExportOptions : SourceOptions
    {
        [Option("format", Default = Format.Json, MetaValue = "json|msccl", HelpText =
            "JSON of hpctrain, or an MSCCL algorithm file for the GPU runtimes of Microsoft and AMD.")]
        public Format Format { get; set; }

        [Option("out", Required = true, MetaValue = "FILE", HelpText = "The file to write; one that exists is replaced.")]
        public string Out { get; set; } = "";
    }
}
