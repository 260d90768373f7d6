using HpcTrain.CommandLine;
using HpcTrain.Mpi;

namespace HpcTrain.Cli.CommandLine;

/// <summary>What commands share that run as the ranks of a job: under a launcher the process is one of them; started by hand it starts them under mpirun.</summary>
internal static class RankCommand
{
    /// <summary>Finds out how the process was started, and leaves the words to rank 0.</summary>
    public static LaunchContext Begin()
    {
        var launch = LaunchContext.Detect();
        if (launch.Launcher != Launcher.None)
        {
            // mpirun makes a rank's output look like a terminal, and .NET's console would greet it with control codes.
            Environment.SetEnvironmentVariable("TERM", "dumb");
        }
        if (launch.Rank != 0)
            Console.SetOut(TextWriter.Null);
        return launch;
    }

    /// <summary>Starts this program as the ranks of a job on this machine.</summary>
    /// <param name="words">Its command line.</param>
    /// <param name="ranks">How many.</param>
    /// <param name="mpi">What <c>--mpi</c> names, or null.</param>
    /// <param name="ended">What to say when a signal ended a rank, given its number.</param>
    /// <param name="variables">Environment variables for the ranks; null for none.</param>
    /// <returns>The exit code.</returns>
    public static int Start(string[] words, int ranks, string? mpi, Func<int, string> ended, Dictionary<string, string>? variables = null)
    {
        var launcher = LocalLauncher.Find(Flavor(mpi));
        var program = Environment.ProcessPath!;
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            words = [typeof(RankCommand).Assembly.Location, .. words];
        var end = LocalJob.Run(launcher.Command(ranks, program, words, variables));
        if (end.Signal is { } signal)
            Console.Error.WriteLine(ended(signal));
        return end.ExitCode;
    }

    /// <summary>Refuses a number of ranks that is not the launcher's.</summary>
    public static void RequireRanks(int? asked, LaunchContext launch, string name)
    {
        if (asked is { } ranks && ranks != launch.Size)
            throw new UsageException($"--ranks is {ranks}, but the launcher started {launch.Size} ranks; leave --ranks out, or start {name} without a launcher");
    }

    /// <summary>Does a rank's work. What fails on one ends all, for the others may wait for it.</summary>
    /// <param name="work">The work.</param>
    /// <param name="launch">What <see cref="Begin"/> found.</param>
    /// <returns>The exit code.</returns>
    public static int Run(Action<MpiEnvironment> work, LaunchContext launch)
    {
        using var mpi = MpiEnvironment.Initialize();
        try
        {
            work(mpi);
        }
        catch (Exception error)
        {
            mpi.Abort(ErrorReport.Print(error, Console.Error));
            throw;
        }
        if (launch.Rank == 0)
            LocalJob.Report(ExitCodes.Ok);
        return ExitCodes.Ok;
    }

    private static MpiFlavor? Flavor(string? name) => name switch
    {
        null => null,
        "openmpi" => MpiFlavor.OpenMpi,
        "mpich" => MpiFlavor.Mpich,
        _ => throw new UsageException($"--mpi is '{name}'; it must be openmpi or mpich"),
    };
}
