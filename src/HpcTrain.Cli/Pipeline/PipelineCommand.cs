using HpcTrain.Cli.CommandLine;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Pipeline;

/// <summary><c>hpctrain pipeline</c>: pipeline-parallel training as data.</summary>
internal static class PipelineCommand
{
    private static readonly CommandTable Verbs = new(
        "hpctrain pipeline",
        "Pipelines: a model cut into stages, and in which order each rank takes micro-batches forward and backward. Schedules come from a\n" +
        "generator (--schedule with --stages and --micro-batches) or from a JSON file; each is checked before anything else is done with it.",
        [
            new Command("list", "the schedules, with bubble and memory, or why they do not do what is asked", ListCommand.Run),
            new Command("show", "a schedule as a grid of ranks and slots of time, as a drawing or as a file", ShowCommand.Run),
            new Command("simulate", "how long a schedule takes with given stages and links: step, bubble, memory, timeline", SimulatePipelineCommand.Run),
            new Command("plan", "cut a measured model into stages so that the slowest rank is as fast as can be", PlanCommand.Run),
        ])
    {
        Examples =
        [
            "hpctrain pipeline list --stages 4 --micro-batches 8 --chunks 2",
            "hpctrain pipeline show --schedule 1f1b --stages 4 --micro-batches 8 --svg 1f1b.svg",
            "hpctrain pipeline simulate --schedule zero-bubble --stages 4 --micro-batches 16 --forward-ms 10 --trace t.json",
            "hpctrain pipeline plan --profile profile.json --stages 4 --memory-limit 2G",
        ],
        Footer = ExitCodes.Help,
    };

    public static int Run(string[] args) => Verbs.Run(args);
}
