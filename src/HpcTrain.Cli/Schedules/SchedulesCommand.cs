using HpcTrain.Cli.CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Schedules;

/// <summary><c>hpctrain schedules</c>: collectives as data.</summary>
internal static class SchedulesCommand
{
    private static readonly CommandTable Verbs = new(
        "hpctrain schedules",
        "Schedules: what each rank sends, receives and reduces in a collective. They come from an algorithm (--algorithm with --ranks)\n" +
        "or from a file: JSON of hpctrain, or an MSCCL algorithm file (XML); the content tells which.",
        [
            new Command("list", "the algorithms, with steps, traffic, cost and when they win", ListCommand.Run),
            new Command("show", "the instructions of each rank as text or JSON", ShowCommand.Run),
            new Command("verify", "prove that schedule files do what they say", VerifyCommand.Run),
            new Command("draw", "draw a schedule as SVG", DrawCommand.Run),
            new Command("export", "write a schedule as JSON or as MSCCL XML", ExportCommand.Run),
        ])
    {
        Examples =
        [
            "hpctrain schedules list --collective allreduce --ranks 8",
            "hpctrain schedules show --algorithm ring --ranks 4 --rank 0",
            "hpctrain schedules draw --algorithm ring --ranks 4 --out ring-4.svg",
            "hpctrain schedules export --algorithm ring --ranks 8 --format msccl --out ring-8.xml",
            "hpctrain schedules verify ring-8.xml",
        ],
        Footer = ExitCodes.Help,
    };

    public static int Run(string[] args) => Verbs.Run(args);
}
