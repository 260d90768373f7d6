using HpcTrain.Cli.CommandLine;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;

namespace HpcTrain.Cli.Tune;

/// <summary>
/// `hpctrain tune`: measures the algorithms of collectives and writes rules for their choice. Under a launcher this process is one of the ranks; started
/// by hand it starts them under mpirun.
/// </summary>
internal static class TuneCommand
{
    private const string Name = "hpctrain tune";
    private const string Summary = "Measures which algorithm and segment length is best for which collective and size, and writes rules for the choice.";

    private const string Footer = """
        Examples:
          hpctrain tune --ranks 4 --output site.json                        starts 4 ranks on this machine
          srun -N 2 -n 16 hpctrain tune --collectives allreduce --max-time 600 --output site.json
          HPCTRAIN_TUNING=site.json mpirun -n 4 hpctrain ...                uses the rules; with Open MPI across nodes: mpirun -x HPCTRAIN_TUNING
          hpctrain tune --explain allreduce --bytes 1M --ranks 4 --nodes 2x2 --rules site.json
          hpctrain tune --schema > rules.schema.json

        How it measures. Candidates take turns, one batch of calls each per round; the time of a call is the slowest rank's, its median over
        rounds counts. A way is taken in place of the library's own choice only where it is clearly faster: by 5 % of the median and in three
        of four rounds. The rules are for this rank count and these nodes, and for the sizes from the smallest to the largest measured;
        all measurements are kept in the file.

        Who decides about a call: the algorithm that it names; else the first rule that matches, of the file that HPCTRAIN_TUNING names or the
        program loads; else, on one node, its shared memory; else the cost model. A rule that cannot be followed is an error.

        Exit codes: see hpctrain --help.
        """;

    public static int Run(string[] args)
    {
        var launch = RankCommand.Begin();
        try
        {
            if (OptionParser.Parse<TuneOptions>(Name, Summary, args, Footer) is not { } options)
                return ExitCodes.Ok;
            if (options.Schema || options.Explain != null)
            {
                Console.Out.Write(options.Schema ? TuningRules.Schema : ExplainReport.Render(options));
                return ExitCodes.Ok;
            }
            var plan = TunePlan.Of(options);
            return launch.Launcher == Launcher.None ? Start(options, args) : RunRank(options, plan, launch);
        }
        catch (UsageException) when (launch.Rank != 0)
        {
            // All ranks read the same command line; rank 0 tells what is wrong with it.
            return ExitCodes.Usage;
        }
    }

    private static int Start(TuneOptions options, string[] args)
    {
        if (options.Ranks is < 1)
            throw new UsageException($"--ranks is {options.Ranks}; at least one rank is needed");
        return RankCommand.Start(["tune", .. args], options.Ranks ?? Environment.ProcessorCount, options.Mpi,
            signal => $"{Name}: a rank was ended by signal {signal} and the tuning with it; no rules were written.");
    }

    private static int RunRank(TuneOptions options, TunePlan plan, LaunchContext launch)
    {
        RankCommand.RequireRanks(options.Ranks, launch, Name);
        return RankCommand.Run(mpi => new TuneSession(mpi, plan).Run(), launch);
    }
}
