using System.Diagnostics;

namespace HpcTrain.Mpi;

/// <summary>
/// Makes a launcher end when the process that started it is killed, which could not pass the signal on: the kernel then terminates the launcher, and
/// that its ranks. Done by setpriv of util-linux where it knows how; elsewhere the launcher goes on.
/// </summary>
internal static class ParentDeath
{
    private const string Program = "/usr/bin/setpriv";
    private static readonly string[] s_options = ["--pdeathsig", "TERM", "--"];
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(10);
    private static readonly Lazy<bool> s_isKnown = new(Try);

    /// <summary>The command that is bound to the life of the thread that starts it, as the kernel has it.</summary>
    public static LaunchCommand Bind(LaunchCommand command) =>
        s_isKnown.Value ? command with { Executable = Program, Arguments = [.. s_options, command.Executable, .. command.Arguments] } : command;

    // Before 2.33 setpriv did not have the option.
    private static bool Try()
    {
        if (!File.Exists(Program))
            return false;
        try
        {
            var start = new ProcessStartInfo(Program, [.. s_options, "true"]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var trial = Process.Start(start)!;
            if (trial.WaitForExit(s_bound))
                return trial.ExitCode == 0;
            trial.Kill();
            return false;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
