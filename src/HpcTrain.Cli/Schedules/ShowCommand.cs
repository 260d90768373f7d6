using CommandLine;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Schedules;

/// <summary><c>hpctrain schedules show</c>: the form of a schedule, right or wrong.</summary>
internal static class ShowCommand
{
    public static int Run(string[] args)
    {
        if (OptionParser.Parse<ShowOptions>(
                "hpctrain schedules show", "Show what each rank does: its lanes, their instructions, and what they wait for.", args,
                "Examples:\n" +
                "  hpctrain schedules show --algorithm halving-doubling --ranks 8 --rank 3\n" +
                "  hpctrain schedules show ring-8.xml") is not { } options)
            return ExitCodes.Ok;
        if (options.Json && options.Rank is not null)
            throw new UsageException("--rank is for text; --json shows the whole schedule");
        var schedule = options.Read();
        if (options.Rank is { } rank && (uint)rank >= (uint)schedule.Ranks)
            throw new UsageException($"--rank must be 0 to {schedule.Ranks - 1}, not {rank}");
        Console.Out.Write(options.Json ? schedule.ToJson() : options.Rank is { } one ? schedule.ToText(one) : schedule.ToText());
        return ExitCodes.Ok;
    }

    private sealed class ShowOptions : SourceOptions
    {
        [Option("rank", MetaValue = "RANK", HelpText = "Only this rank's program.")]
        public int? Rank { get; set; }

        [Option("json", HelpText = "The schedule as a JSON file has it, on stdout.")]
        public bool Json { get; set; }
    }
}
