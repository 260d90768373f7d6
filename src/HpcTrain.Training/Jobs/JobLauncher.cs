using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using HpcTrain.Mpi;
using HpcTrain.Runs;

namespace HpcTrain.Training.Jobs;

/// <summary>
/// Starts a job's ranks on this machine: the job's own program again, under mpirun, with the same arguments. Signals that
/// reach the launching process are passed on, and its exit code is mpirun's.
/// </summary>
internal static class JobLauncher
{
    private const int FirstSignalExitCode = 128; // mpirun and shells: 128 + the signal's number

    // Open MPI 4.1.4's mpirun now and then crashes after the ranks have ended well; rank 0's word then counts for more than its.
    private const string ExitFileVariable = "HPCTRAIN_EXIT_FILE";

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

        var command = launcher.Command(ranks, System.Environment.ProcessPath!, arguments, environment);
        if (command.Flavor == MpiFlavor.OpenMpi)
        {
            // The ranks say themselves what went wrong; mpirun's own page about exit codes would bury it.
            command = command with { Arguments = ["--quiet", .. command.Arguments] };
        }

        var reported = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"hpctrain-exit-{System.Environment.ProcessId}"));
        command = command with { Environment = new Dictionary<string, string>(command.Environment) { [ExitFileVariable] = reported } };
        using var process = command.Start();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Forward(context, process));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true); // the terminal sends it to mpirun as well
        process.WaitForExit();
        if (TakeReported(reported) is { } code && process.ExitCode > FirstSignalExitCode)
        {
            return code;
        }

        if (process.ExitCode > FirstSignalExitCode)
        {
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: a rank was ended by signal {process.ExitCode - FirstSignalExitCode} and the job with it; the run folder's logs tell how far it came, --resume goes on from its last checkpoint."));
        }

        return process.ExitCode;
    }

    /// <summary>On rank 0: tells the launching process how the job ended.</summary>
    public static void Report(int exitCode)
    {
        if (System.Environment.GetEnvironmentVariable(ExitFileVariable) is { Length: > 0 } path)
        {
            try
            {
                AtomicFile.WriteAllText(path, exitCode.ToString(CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (RunException.IsIo(e))
            {
                // The launcher's own exit code is right nearly always.
            }
        }
    }

    private static int? TakeReported(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var code = int.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture);
        File.Delete(path);
        return code;
    }

    private static MpiFlavor? Flavor(string? name) => name switch
    {
        null => null,
        "openmpi" => MpiFlavor.OpenMpi,
        "mpich" => MpiFlavor.Mpich,
        _ => throw new TrainingException($"--mpi is {name}: it must be openmpi or mpich."),
    };

    private static void Forward(PosixSignalContext context, Process process)
    {
        context.Cancel = true;
        if (!process.HasExited)
        {
            _ = Kill(process.Id, 15);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
