using HpcTrain.Cli.Bench;
using HpcTrain.Cli.CommandLine;
using HpcTrain.Cli.Data;
using HpcTrain.Cli.Info;
using HpcTrain.Cli.Pipeline;
using HpcTrain.Cli.Schedules;
using HpcTrain.Cli.Simulate;
using HpcTrain.Cli.Submit;
using HpcTrain.Cli.Timelines;
using HpcTrain.Cli.Topo;
using HpcTrain.Cli.Tune;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli;

/// <summary>The first words of the command line. A family runs in its own static class, in a folder of its name.</summary>
internal static class CommandFamilies
{
    public static CommandTable Table { get; } = new(
        "hpctrain",
        "Train on HPC clusters with .NET: data sets, collectives and the machine they run on.",
        [
            new Command("bench", "measure and check collectives, beside the MPI library's own", BenchCommand.Run),
            new Command("data", "make, inspect and verify datasets", DataCommand.Run),
            new Command("schedules", "the algorithms of collectives: list, show, verify, draw, export", SchedulesCommand.Run),
            new Command("topo", "the links between ranks: show, draw, convert and measure topologies; plan collectives for them", TopoCommand.Run),
            new Command("simulate", "how long collectives take on the links of a topology", SimulateCommand.Run),
            new Command("pipeline", "schedules of pipeline-parallel training: list, show, simulate; cut a model into stages", PipelineCommand.Run),
            new Command("submit", "put a job into Slurm's queue, or run the same job here", SubmitCommand.Run),
            new Command("status", "submitted jobs: where they are, and how far", StatusCommand.Run),
            new Command("logs", "what a submitted job says", LogsCommand.Run),
            new Command("cancel", "end submitted jobs", CancelCommand.Run),
            new Command("info", "what this machine offers: MPI, HDF5, libtorch, CPU, GPUs, Slurm", InfoCommand.Run),
            new Command("timeline", "make one timeline of those of a run's ranks", TimelineCommand.Run),
            new Command("tune", "measure which algorithm is best where, and write rules; say why one is chosen", TuneCommand.Run),
        ])
    {
        Examples =
        [
            "hpctrain info                                  what is installed here, and what to do about what is missing",
            "hpctrain bench allreduce --ranks 4             how fast 4 ranks of this machine reduce, beside its MPI library",
            "hpctrain data import idx --help                how to make a dataset of HDF5 shards",
            "hpctrain tune --ranks 4                        which collective algorithms are best here, as a file of rules",
            "hpctrain submit jobs/FashionMnist --nodes 4 --wait   train on 4 nodes of a Slurm cluster",
            "hpctrain data verify data/fashion-mnist/train  whether a dataset is whole and undamaged",
            "hpctrain schedules list --ranks 8              what each algorithm costs on 8 ranks",
            "hpctrain simulate --topology fat-tree:k=8 --algorithm ring  how long a ring takes on 128 nodes",
            "hpctrain topo show dgx1v                       what links there are, and what bandwidth each rank has",
            "hpctrain topo plan dgx1v --allocation 0,1,4,5  trees for the links that a job got",
            "hpctrain pipeline show --schedule 1f1b --stages 4 --micro-batches 8  which rank does what when",
        ],
        Footer =
            "Options:\n" +
            "  --help      this text; after a command, that command's own help\n" +
            "  --version   the version of hpctrain\n\n" +
            ExitCodes.Help,
    };
}
