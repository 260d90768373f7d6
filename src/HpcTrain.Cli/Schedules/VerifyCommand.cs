using System.Globalization;
using CommandLine;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Schedules;

/// <summary><c>hpctrain schedules verify</c>: exit code 0 when all files are right, 3 otherwise.</summary>
internal static class VerifyCommand
{
    public static int Run(string[] args)
    {
        if (OptionParser.Parse<VerifyOptions>(
                "hpctrain schedules verify",
                "Prove that schedules do what they say: no deadlock, no race, every contribution exactly once, the same bits on all ranks.", args,
                "Example:\n  hpctrain schedules verify ring-8.xml halving-doubling-8.json") is not { } options)
            return ExitCodes.Ok;
        var code = ExitCodes.Ok;
        foreach (var file in options.Files)
        {
            try
            {
                Console.WriteLine(Report(file));
            }
            catch (ScheduleException error)
            {
                Console.Error.WriteLine($"hpctrain: {error.Message}");
                code = ExitCodes.BadData;
            }
        }
        return code;
    }

    private static string Report(string file)
    {
        var (schedule, report) = ScheduleFile.LoadWithReport(file);
        return string.Create(CultureInfo.InvariantCulture,
            $"{file}: right. {schedule}; {report.Instructions} instructions, {report.Steps} steps, "
            + $"the busiest rank sends {report.SentShare:0.###} and reduces {report.ReducedShare:0.###} of the buffer");
    }

    private sealed class VerifyOptions : CommandOptions
    {
        [Value(0, Required = true, MetaName = "FILE", HelpText = "Schedule files, JSON or MSCCL XML.")]
        public IEnumerable<string> Files { get; set; } = [];
    }
}
