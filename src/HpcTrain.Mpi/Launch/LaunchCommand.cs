using System.Diagnostics;

namespace HpcTrain.Mpi;

/// <summary>A command that starts ranks on this machine.</summary>
/// <param name="Flavor">The MPI whose launcher it is.</param>
/// <param name="Ranks">How many ranks it starts.</param>
/// <param name="Executable">The launcher.</param>
/// <param name="Arguments">Its arguments, the program and the program's arguments last.</param>
/// <param name="Environment">Variables to set for the launcher, which hands them to the ranks.</param>
public sealed record LaunchCommand(
    MpiFlavor Flavor, int Ranks, string Executable, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>
    /// How to start it: standard input is redirected and must be closed after the start (<see cref="Start"/> does), so that a
    /// launcher never takes the terminal's input or stops for it.
    /// </summary>
    /// <returns>A start description whose output goes where this process's goes.</returns>
    public ProcessStartInfo ToProcessStartInfo()
    {
        var info = new ProcessStartInfo(Executable, Arguments) { UseShellExecute = false, RedirectStandardInput = true };
        foreach (var (name, value) in Environment)
            info.Environment[name] = value;
        return info;
    }

    /// <summary>Starts the launcher with its input closed.</summary>
    /// <param name="readsOutput">Whether the caller reads its standard output, to the end; else it goes where this process's goes.</param>
    /// <returns>The launcher's process; its exit code is the job's.</returns>
    /// <exception cref="MpiException">The launcher cannot be started.</exception>
    public Process Start(bool readsOutput = false)
    {
        try
        {
            ProcessStartInfo info = ToProcessStartInfo();
            info.RedirectStandardOutput = readsOutput;
            var process = Process.Start(info)!;
            process.StandardInput.Close();
            return process;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new MpiException($"{Executable} cannot be started: {e.Message}", "LaunchCommand.Start", innerException: e);
        }
    }
}
