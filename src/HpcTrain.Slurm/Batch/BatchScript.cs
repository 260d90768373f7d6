using System.Globalization;
using System.Text;

namespace HpcTrain.Slurm;

/// <summary>
/// The text that sbatch takes for a specification; a pure function. After the <c>#SBATCH</c> lines it loads modules, sets variables, chooses the parameters of a task of a
/// sweep and the run folder, and starts the ranks. With a <see cref="RequeuePolicy"/> it hands Slurm's warning on to the ranks (srun passes SIGUSR2 to them), and
/// when they have ended before their time, by it or with exit code 75, it puts the job back into the queue, so often and no more.
/// </summary>
public static class BatchScript
{
    /// <summary>The exit code by which ranks ask to be run again: BSD's EX_TEMPFAIL.</summary>
    public const int RunAgain = 75;

    private const string DropWhenHopeless = "kill-on-invalid-dep";

    /// <summary>The script for a specification.</summary>
    /// <param name="job">The specification; it is checked first.</param>
    /// <param name="output">Where Slurm writes what the job says; may hold <c>%j</c>, <c>%A</c>, <c>%a</c>.</param>
    /// <returns>The text, ending in a new line.</returns>
    /// <exception cref="SlurmException">The specification asks for what cannot be.</exception>
    public static string Render(JobSpecification job, string output)
    {
        ArgumentNullException.ThrowIfNull(job);
        job = job.WithOwnRunFolder();
        SpecificationCheck.Check(job);
        ArgumentException.ThrowIfNullOrEmpty(output);
        var text = new StringBuilder("#!/bin/bash\n# Made by 'hpctrain submit' from job.json; change that, or its options, rather than this.\n");
        foreach ((string name, string value) in Options(job, output))
            text.Append("#SBATCH --").Append(name).Append(value.Length == 0 ? "" : "=").Append(QuoteOption(value)).Append('\n');
        AppendModules(text, job);
        text.Append("set -euo pipefail\n");
        if (job.Requeue is { } policy)
            AppendBound(text, job, policy);
        AppendSurroundings(text, job);
        AppendParameters(text, job);
        AppendRunFolder(text, job);
        AppendLaunch(text, job);
        return text.ToString();
    }

    /// <summary>
    /// The variables by which a user's environment would overrule what the script says: to sbatch <c>SBATCH_PARTITION</c> counts more than a line of the script. Where the
    /// script says nothing they are the user's defaults, and hold.
    /// </summary>
    /// <param name="job">The specification.</param>
    internal static IEnumerable<string> VariablesOf(JobSpecification job) => Options(job, "output").Select(option => option.Name switch
    {
        "time" => "SBATCH_TIMELIMIT",
        "array" => "SBATCH_ARRAY_INX",
        "no-requeue" => "SBATCH_REQUEUE",
        "requeue" => "SBATCH_NO_REQUEUE",
        var name => "SBATCH_" + name.ToUpperInvariant().Replace('-', '_'),
    }).Append("SBATCH_WAIT");

    private static IEnumerable<(string Name, string Value)> Options(JobSpecification job, string output)
    {
        yield return ("job-name", job.Name);
        yield return ("nodes", job.Nodes.ToString());
        yield return ("ntasks-per-node", Text(job.RanksPerNode));
        yield return ("cpus-per-task", Text(job.CpusPerRank));
        if (job.GpusPerRank > 0)
            yield return ("gpus-per-task", Text(job.GpusPerRank));
        if (job.Time is { } time)
            yield return ("time", time);
        if (job.Partition is { } partition)
            yield return ("partition", partition);
        if (job.Account is { } account)
            yield return ("account", account);
        if (ArrayOf(job) is { } array)
            yield return ("array", array);
        if (job.Dependency is { } dependency)
        {
            yield return ("dependency", dependency);
            // Else a job whose condition can no longer come true stays in the queue for ever.
            if (!job.Sbatch.ContainsKey(DropWhenHopeless))
                yield return (DropWhenHopeless, "yes");
        }
        yield return ("output", output);
        // A job that runs again must not wipe out what its first start said.
        yield return ("open-mode", "append");
        yield return (job.Requeue is null ? "no-requeue" : "requeue", "");
        if (job.Requeue is { } policy)
            yield return ("signal", $"B:USR2@{Text(policy.WarningSeconds)}");
        foreach ((string name, string value) in job.Sbatch.OrderBy(option => option.Key, StringComparer.Ordinal))
            yield return (name, value);
    }

    private static string? ArrayOf(JobSpecification job) =>
        job.Parameters.Count == 0 ? job.Array
        : string.Create(CultureInfo.InvariantCulture, $"0-{job.Parameters.Count - 1}{(job.AtOnce is { } limit ? $"%{limit}" : "")}");

    private static void AppendBound(StringBuilder text, JobSpecification job, RequeuePolicy policy) => text.Append(CultureInfo.InvariantCulture, $$"""

        # Whatever puts it back into the queue, a job that never ends well must end.
        if [ "${SLURM_RESTART_COUNT:-0}" -gt {{policy.AtMost}} ]; then
          echo "{{job.Name}}: run again {{policy.AtMost}} times already: giving up" >&2
          exit 1
        fi

        """);

    /// <summary>Before bash is told to be strict: the modules of many sites are not written for that.</summary>
    private static void AppendModules(StringBuilder text, JobSpecification job)
    {
        if (job.Modules.Count == 0)
            return;
        text.Append(CultureInfo.InvariantCulture, $$"""

            if ! type module >/dev/null 2>&1; then . /etc/profile; fi
            module load {{string.Join(' ', job.Modules)}} || { echo "{{job.Name}}: a module cannot be loaded" >&2; exit 4; }


            """);
    }

    private static void AppendSurroundings(StringBuilder text, JobSpecification job)
    {
        text.Append('\n');
        if (!job.Environment.ContainsKey(LocalRun.ThreadsVariable))
            text.Append(CultureInfo.InvariantCulture, $"export {LocalRun.ThreadsVariable}={job.CpusPerRank}\n");
        foreach ((string name, string value) in job.Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal))
            text.Append("export ").Append(name).Append('=').Append(Shell.Quote(value)).Append('\n');
        text.Append(job.Folder is { } folder ? $"\ncd {Shell.Quote(folder)}\n" : "\ncd \"${SLURM_SUBMIT_DIR:-.}\"\n");
    }

    private static void AppendParameters(StringBuilder text, JobSpecification job)
    {
        if (job.Parameters.Count == 0)
            return;
        text.Append("\ncase $SLURM_ARRAY_TASK_ID in\n");
        for (int task = 0; task < job.Parameters.Count; task++)
            text.Append(CultureInfo.InvariantCulture, $"  {task}) parameters=({Shell.Quote(ParametersOf(job, task))}) ;;\n");
        text.Append("esac\n");
    }

    /// <summary>The arguments that a task of a sweep has besides the others.</summary>
    internal static IEnumerable<string> ParametersOf(JobSpecification job, int task) =>
        job.Parameters[task].SelectMany(parameter => parameter.Value.Length == 0 ? [$"--{parameter.Key}"] : new[] { $"--{parameter.Key}", parameter.Value });

    private static void AppendRunFolder(StringBuilder text, JobSpecification job)
    {
        if (job.RunFolder is not { } run)
            return;
        text.Append("\nrun=").Append(Shell.Quote(run)).Append(job.IsArray ? "/task-$SLURM_ARRAY_TASK_ID" : "").Append("""

            where=(--run-dir "$run")
            if [ -e "$run/config.json" ]; then where=(--resume "$run"); fi

            """);
    }

    private static void AppendLaunch(StringBuilder text, JobSpecification job)
    {
        string line = $"{Shell.Quote([.. LaunchLine.Words(job), job.Program, .. job.Arguments])}"
            + (job.Parameters.Count > 0 ? " \"${parameters[@]}\"" : "") + (job.RunFolder is null ? "" : " \"${where[@]}\"");
        if (job.Requeue is null)
        {
            text.Append('\n').Append(line).Append('\n');
            return;
        }
        text.Append("""

            # Slurm warns this script before the time limit, and when others need the nodes. Bash runs a trap only between commands, so srun is waited for in the background.
            warned=no step=
            warn() {
              warned=yes
              if [ -n "$step" ]; then kill -USR2 "$step" || true; fi
            }
            trap warn USR2


            """).Append(line).Append(CultureInfo.InvariantCulture, $$"""
             &
            step=$!
            if [ "$warned" = yes ]; then warn; fi
            code=0
            wait "$step" || code=$?
            while [ "$code" -gt 128 ] && kill -0 "$step" 2>/dev/null; do
              code=0
              wait "$step" || code=$?
            done

            if [ "$code" = {{RunAgain}} ] || { [ "$warned" = yes ] && [ "$code" != 0 ]; }; then
              echo "{{job.Name}}: stopped before its end (exit code $code): back into the queue"
              scontrol requeue "$SLURM_JOB_ID"
              exit {{RunAgain}}
            fi
            exit "$code"

            """);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>sbatch reads its lines as a shell reads words, without expanding anything.</summary>
    private static string QuoteOption(string value) => value.Length == 0 || !value.Any(letter => letter is ' ' or '\t' or '"' or '\'' or '\\' or '#')
        ? value : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
