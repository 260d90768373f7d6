using System.Globalization;
using HpcTrain.Mpi;
using HpcTrain.Runs;

namespace HpcTrain.Training.Jobs;

/// <summary>
/// Starts a job's ranks on this machine: the job's own program again, under mpirun, with the same arguments. Signals that
/// reach the launching process are passed on, and its exit code is mpirun's.
/// </summary>
internal static class JobLauncher
{
    /// <summary>Runs the program under mpirun and waits for it.</summary>
    /// <exception cref="MpiException">No mpirun is installed.</exception>
    /// <exception cref="TrainingException">The flavour is unknown.</exception>
    public static int Launch(string name, IReadOnlyList<string> arguments, TrainingOptions options)
    {
        var ranks = options.Ranks ?? System.Environment.ProcessorCount;
        var launcher = LocalLauncher.Find(Flavor(options.Mpi));
        var environment = new Dictionary<string, string> { [ProgressDisplay.Variable] = System.Environment.GetEnvironmentVariable(ProgressDisplay.Variable) ?? ProgressDisplay.Detect() };
        if (!Console.IsErrorRedirected)
        {
            environment[ProgressDisplay.WidthVariable] = Console.WindowWidth.ToString(CultureInfo.InvariantCulture);
        }

        if (options.Threads is { } threads)
        {
            environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        }

        var end = LocalJob.Run(launcher.Command(ranks, System.Environment.ProcessPath!, arguments, environment));
        if (end.Signal is { } signal)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: a rank was ended by signal {signal} and the job with it; the run folder's logs tell how far it came, --resume goes on from its last checkpoint."));
        }

        return end.ExitCode;
    }

    private static MpiFlavor? Flavor(string? name) => name switch
    {
        null => null,
        "openmpi" => MpiFlavor.OpenMpi,
        "mpich" => MpiFlavor.Mpich,
        _ => throw new TrainingException($"--mpi is {name}: it must be openmpi or mpich."),
    };
}
