using HpcTrain.Cli.CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Timelines;

/// <summary><c>hpctrain timeline</c>: what the ranks of a run did when.</summary>
internal static class TimelineCommand
{
    private static readonly CommandTable Verbs = new(
        "hpctrain timeline",
        "Timelines in Chrome's trace format, which https://ui.perfetto.dev and chrome://tracing open as they are.",
        [
            new Command("merge", "make one timeline of those of the ranks, by rank 0's clock", MergeCommand.Run),
        ])
    {
        Examples =
        [
            "hpctrain timeline merge runs/fashion-mnist-20260301-120000-1a2b --out t.json   what a killed run has left",
            "hpctrain timeline merge rank-0.json rank-1.json --out t.json",
        ],
        Footer = "A job that is started with --timeline writes its own at the end; so does hpctrain bench --timeline FILE.\n\n" + ExitCodes.Help,
    };

    public static int Run(string[] args) => Verbs.Run(args);
}
