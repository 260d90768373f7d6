using HpcTrain.Benchmarking;
using HpcTrain.Cli.CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;

namespace HpcTrain.Cli.Bench;

/// <summary>
/// `hpctrain bench`: the collectives of this library beside those of the MPI library. Under a launcher this process is one of the ranks; started by
/// hand it starts them under mpirun.
/// </summary>
internal static class BenchCommand
{
    private const string Name = "hpctrain bench";
    private const string Summary = "Measures and checks collectives over sizes, in turns with the MPI library's own, as nccl-tests and OSU's benchmarks do.";

    public static int Run(string[] args)
    {
        var launch = RankCommand.Begin();
        try
        {
            if (OptionParser.Parse<BenchOptions>(Name, Summary, args, BenchHelp.Footer) is not { } options)
                return ExitCodes.Ok;
            var request = BenchRequestReader.Read(options, args);
            BenchmarkProgram.Validate(request);
            if (launch.Launcher == Launcher.None)
                return Start(options, args);
            RankCommand.RequireRanks(options.Ranks, launch, Name);
            var code = BenchmarkProgram.Run(request);
            if (launch.Rank == 0)
                LocalJob.Report(code);
            return code;
        }
        catch (Exception e) when (launch.Rank != 0 && e is UsageException or BenchmarkException)
        {
            // All ranks read the same command line; rank 0 tells what is wrong with it.
            return ErrorReport.CodeOf(e);
        }
    }

    private static int Start(BenchOptions options, string[] args)
    {
        if (options.Ranks is < 1)
            throw new UsageException($"--ranks is {options.Ranks}; at least one rank is needed");
        return RankCommand.Start(["bench", .. args], options.Ranks ?? Environment.ProcessorCount, options.Mpi,
            signal => $"{Name}: a rank was ended by signal {signal} and the benchmark with it; files of results hold the rows that were measured some seconds before.");
    }
}
