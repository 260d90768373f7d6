using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace HpcTrain.Mpi;

/// <summary>How a job of ranks on this machine ended.</summary>
/// <param name="ExitCode">The exit code of the job: the launcher's, or what rank 0 reported where the launcher itself crashed.</param>
/// <param name="Signal">The signal that ended a rank, and the job with it; null when none did.</param>
public readonly record struct LocalJobEnd(int ExitCode, int? Signal);

/// <summary>
/// Runs ranks on this machine from start to end, for a program that starts itself again under mpirun. Signals that reach the
/// launching process are passed on, and its death ends the job; what the ranks write goes where its own output goes.
/// </summary>
public static partial class LocalJob
{
    private const int FirstSignalExitCode = 128; // mpirun and shells: 128 + the signal's number
    private const int Terminate = 15;
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(5);

    // Open MPI 4.1.4's mpirun now and then crashes after the ranks have ended well; rank 0's word then counts for more than its.
    private const string ExitFileVariable = "HPCTRAIN_EXIT_FILE";

    /// <summary>Starts the launcher and waits for it. The calling thread must live as long as the process: the job ends with it.</summary>
    /// <param name="command">What to start.</param>
    /// <exception cref="MpiException">The launcher cannot be started.</exception>
    public static LocalJobEnd Run(LaunchCommand command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var reported = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"hpctrain-exit-{Environment.ProcessId}"));
        command = command with { Environment = new Dictionary<string, string>(command.Environment) { [ExitFileVariable] = reported } };
        if (command.Flavor == MpiFlavor.OpenMpi)
        {
            // The ranks say themselves what went wrong; mpirun's own page about exit codes would bury it.
            command = command with { Arguments = ["--quiet", .. command.Arguments] };
        }

        // Open MPI tells of signals by its exit code, MPICH by a page among the ranks' output.
        HydraOutput? hydra = command.Flavor == MpiFlavor.Mpich ? new(Console.OpenStandardOutput(), Console.OpenStandardError()) : null;
        using var process = ParentDeath.Bind(command).Start(readsOutput: hydra != null);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Forward(context, process));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true); // the terminal sends it to mpirun as well
        Task copying = hydra == null ? Task.CompletedTask
            : Task.Factory.StartNew(() => Copy(hydra, process), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        process.WaitForExit();
        int? signal = copying.Wait(s_rest) ? hydra?.Signal : null; // what a rank started may outlive the job and hold its output open
        if (process.ExitCode > FirstSignalExitCode)
            signal ??= process.ExitCode - FirstSignalExitCode;
        if (TakeReported(reported) is { } code && signal != null)
            return new(code, Signal: null);
        return signal is { } number ? new(FirstSignalExitCode + number, number) : new(process.ExitCode, Signal: null);
    }

    private static void Copy(HydraOutput hydra, Process process)
    {
        try
        {
            hydra.Copy(process.StandardOutput.BaseStream);
        }
        catch (IOException)
        {
            // Nobody reads the output any more; closing it tells the launcher, as if it were its own.
            process.StandardOutput.Close();
        }
    }

    /// <summary>On rank 0, at its end: tells <see cref="Run"/> the exit code, if it started this rank.</summary>
    public static void Report(int exitCode)
    {
        if (Environment.GetEnvironmentVariable(ExitFileVariable) is not { Length: > 0 } path)
            return;
        try
        {
            File.WriteAllText(path, exitCode.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The launcher's own exit code is right nearly always.
        }
    }

    private static int? TakeReported(string path)
    {
        if (!File.Exists(path))
            return null;
        int? code = int.TryParse(File.ReadAllText(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        File.Delete(path);
        return code;
    }

    private static void Forward(PosixSignalContext context, Process process)
    {
        context.Cancel = true;
        if (!process.HasExited)
            _ = Kill(process.Id, Terminate);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
