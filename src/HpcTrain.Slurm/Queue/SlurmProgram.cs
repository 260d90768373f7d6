using System.ComponentModel;
using System.Diagnostics;

namespace HpcTrain.Slurm;

/// <summary>One of Slurm's commands, run to its end within a bound: a controller that does not answer must not stop whoever asks for ever.</summary>
internal static class SlurmProgram
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    /// <summary>Whether a command is in PATH.</summary>
    public static bool IsThere(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Any(folder => File.Exists(Path.Combine(folder, name)));

    /// <summary>Runs a command.</summary>
    /// <returns>Its exit code, and what it wrote to its two outputs.</returns>
    /// <exception cref="SlurmException">It is not there, or does not end.</exception>
    public static (int ExitCode, string Output, string Errors) Run(string name, params IEnumerable<string> arguments) => RunWithout([], name, arguments);

    /// <summary>Runs a command that shall not see some variables.</summary>
    /// <inheritdoc cref="Run"/>
    public static (int ExitCode, string Output, string Errors) RunWithout(IEnumerable<string> variables, string name, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(name, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // Those of a user's own squeue and sinfo change what they print.
        foreach (string variable in start.Environment.Keys.Where(IsDefaultOfList).Concat(variables).ToList())
            start.Environment.Remove(variable);
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
            if (process.WaitForExit(s_bound) && Task.WaitAll([output, errors], s_bound))
                return (process.ExitCode, output.Result, errors.Result);
            process.Kill(entireProcessTree: true);
            throw new SlurmException(SlurmFault.Environment, $"{name} did not answer within {s_bound.TotalSeconds:0} s: is slurmctld up? 'scontrol ping' says it");
        }
        catch (Win32Exception e)
        {
            throw Missing(name, e);
        }
    }

    /// <summary>What to say where a command is not in PATH.</summary>
    public static SlurmException Missing(string name, Exception? cause = null) => new(SlurmFault.Environment,
        $"{name} is not in PATH: log in to a Slurm cluster or load its module; without Slurm, 'hpctrain submit --local' runs the same job on this machine", cause);

    private static bool IsDefaultOfList(string variable) => variable.StartsWith("SQUEUE_", StringComparison.Ordinal) || variable.StartsWith("SINFO_", StringComparison.Ordinal);
}
