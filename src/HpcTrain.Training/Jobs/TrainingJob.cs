using System.Globalization;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Mpi;
using HpcTrain.Runs;

namespace HpcTrain.Training.Jobs;

/// <summary>
/// The frame of a training job: an ordinary console program whose <c>Main</c> calls <see cref="Run{TOptions}"/>. Started
/// by hand it starts its own ranks under mpirun; started by <c>mpirun</c> or <c>srun</c> it is one of the ranks.
/// </summary>
public static class TrainingJob
{
    /// <summary>Runs the job.</summary>
    /// <param name="name">The job's name: of its run folders and its folder of data.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="plan">Makes the plan, on every rank alike; random numbers are seeded before it is called.</param>
    /// <returns>The exit code, see <see cref="ExitCodes"/>.</returns>
    public static int Run<TOptions>(string name, string[] arguments, Func<JobContext, TOptions, TrainingPlan> plan)
        where TOptions : TrainingOptions, new()
    {
        var launch = LaunchContext.Detect();
        if (launch.Launcher != Launcher.None)
        {
            // mpirun makes a rank's output look like a terminal, and .NET's console would greet it with control codes, which end
            // up in files. It sends none to a dumb one.
            System.Environment.SetEnvironmentVariable("TERM", "dumb");
        }

        var speaks = launch.Rank == 0; // the ranks read the same command line; one tells what is wrong with it
        if (!speaks)
        {
            Console.SetOut(TextWriter.Null);
        }

        try
        {
            var effective = WithResumedOptions(arguments, typeof(TOptions));
            if (OptionParser.Parse<TOptions>(name, $"{name}: trains a model on MPI ranks.", effective, Footer(name)) is not { } options)
            {
                return ExitCodes.Ok;
            }

            options.Validate();
            AlgorithmCatalog.Parse(CollectiveKind.AllReduce, options.Algorithm);
            if (launch.Launcher == Launcher.None)
            {
                return JobLauncher.Launch(name, arguments, options);
            }

            var exitCode = new RankProgram<TOptions>(name, effective, options, plan).Run();
            if (launch.Rank == 0)
            {
                LocalJob.Report(exitCode);
            }

            return exitCode;
        }
        catch (Exception e) when (JobErrors.ExitCode(e) != ExitCodes.InternalError)
        {
            // A wrong option is wrong on every rank and told once; what is missing may be missing on one node only.
            if (speaks || JobErrors.ExitCode(e) != ExitCodes.Usage)
            {
                Console.Error.WriteLine(launch.Launcher == Launcher.None
                    ? $"{name}: {e.Message}"
                    : string.Create(CultureInfo.InvariantCulture, $"{name}: rank {launch.Rank} on {System.Environment.MachineName}: {e.Message}"));
            }

            return JobErrors.ExitCode(e);
        }
    }

    /// <summary>Of an option given twice the last holds; with <c>--resume</c> those that the run was started with come first.</summary>
    private static string[] WithResumedOptions(string[] arguments, Type optionsType)
    {
        var index = Array.FindLastIndex(arguments, a => a == "--resume" || a.StartsWith("--resume=", StringComparison.Ordinal));
        if (index < 0)
        {
            return ArgumentList.Merge([], arguments, optionsType);
        }

        var folder = arguments[index].Contains('=', StringComparison.Ordinal)
            ? arguments[index].Split('=', 2)[1]
            : arguments.ElementAtOrDefault(index + 1);
        return folder is null
            ? arguments
            : ArgumentList.Merge(RunConfiguration.ReadArguments(RunFolder.Open(folder)), arguments, optionsType);
    }

    private static string Footer(string name) => $"""
        Examples:
          {name} --ranks 4 --epochs 5 --algorithm ring
          {name} --resume runs/{name}-20260131-120000-1a2b --epochs 10
          mpirun -n 4 {name} --data /scratch/{name}

        Of an option given twice the last holds. Environment: {TrainingVariables.Data} and {TrainingVariables.Runs} name the folders that
        hold data and runs where --data and --runs are not given.

        {ExitCodes.Help}
        """;
}
