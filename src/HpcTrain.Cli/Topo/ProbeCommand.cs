using HpcTrain.Benchmarking;
using HpcTrain.Cli.CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;
using HpcTrain.Runs;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Topo;

/// <summary>
/// `hpctrain topo probe`: measures the links between ranks and writes them as a topology. Under a launcher this process is one of the ranks; started by
/// hand it starts them under mpirun.
/// </summary>
internal static class ProbeCommand
{
    private const string Name = "hpctrain topo probe";
    private const string Summary = "Measures rates and latencies between all ranks, alone and at the same time, and writes the links that explain them as a topology.";
    private const double MostSeconds = 1e6;
    private const long MostBytes = 16 << 20;

    private const string Footer = """
        Examples:
          srun -N 4 -n 32 hpctrain topo probe --out cluster.json       the links between 32 ranks on 4 nodes
          mpirun -n 8 hpctrain topo probe --time 60
          hpctrain topo probe --ranks 4                                starts 4 ranks on this machine

        How it measures. Sweep: in n - 1 rounds (n ranks) each pair exchanges once, n/2 pairs at the same time. Alone: pairs at distances 1, 2, 4, ...
        exchange one at a time (all pairs of up to 11 ranks). Fan: each rank exchanges with several others at once. Pairs that slow each other down share a
        link: ranks of a node its NIC, all pairs of a rank its port. What the time does not allow of alone and fan rounds is left out, and said.

        What it writes. Links of their own between ranks where these were found; else ranks around a host or a switch, with NICs where the ranks of a node share
        one. GB/s in each direction, used at the same time; equal links have equal numbers, of two digits.

        Exit codes: see hpctrain --help.
        """;

    public static int Run(string[] args)
    {
        var launch = RankCommand.Begin();
        try
        {
            if (OptionParser.Parse<ProbeCommandOptions>(Name, Summary, args, Footer) is not { } options)
                return ExitCodes.Ok;
            var measuring = MeasuringOf(options);
            if (launch.Rank == 0 && OutputFile.Problem("the topology", options.Out) is { } problem)
                throw new RunException(problem);
            return launch.Launcher == Launcher.None ? Start(options, args) : RunRank(options, measuring, launch);
        }
        catch (UsageException) when (launch.Rank != 0)
        {
            // All ranks read the same command line; rank 0 tells what is wrong with it.
            return ExitCodes.Usage;
        }
    }

    private static ProbeOptions MeasuringOf(ProbeCommandOptions options)
    {
        if (options.Ranks is < 2)
            throw new UsageException($"--ranks is {options.Ranks}; links are between ranks, so at least two are needed");
        string[] sizes = options.Sizes.Split(',');
        if (sizes.Length != 2 || !ByteSize.TryParse(sizes[0], out var least) || !ByteSize.TryParse(sizes[1], out var most) || least < 1 || most < least || most > MostBytes)
            throw new UsageException($"--sizes is '{options.Sizes}'; it must be two sizes from 1 to {ByteSize.Format(MostBytes)}, the lesser first, such as 8,512K");
        return new(SecondsOf("--time", options.Time), SecondsOf("--stall-timeout", options.StallTimeout), (int)least, (int)most);
    }

    private static TimeSpan SecondsOf(string option, double seconds) => seconds is > 0 and < MostSeconds
        ? TimeSpan.FromSeconds(seconds) : throw new UsageException($"{option} is {seconds}; it must be a number of seconds above 0");

    private static int Start(ProbeCommandOptions options, string[] args)
    {
        Dictionary<string, string> display = new() { [ProgressDisplay.Variable] = Environment.GetEnvironmentVariable(ProgressDisplay.Variable) ?? ProgressDisplay.Detect() };
        return RankCommand.Start(["topo", "probe", .. args], options.Ranks ?? Math.Max(2, Environment.ProcessorCount), options.Mpi,
            signal => $"{Name}: a rank was ended by signal {signal} and the probe with it; no topology was written.", display);
    }

    private static int RunRank(ProbeCommandOptions options, ProbeOptions measuring, LaunchContext launch)
    {
        RankCommand.RequireRanks(options.Ranks, launch, Name);
        if (launch.Size < 2)
            throw new UsageException("the launcher started one rank; links are between ranks, so at least two are needed");
        return RankCommand.Run(mpi => new ProbeSession(mpi, options, measuring).Run(), launch);
    }
}
