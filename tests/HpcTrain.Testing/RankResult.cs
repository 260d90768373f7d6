using System.Text;
using HpcTrain.Mpi;

namespace HpcTrain.Testing;

/// <summary>What one rank wrote.</summary>
public sealed record RankOutput(int Rank, string Output, string Error)
{
    /// <summary>The last lines of both streams.</summary>
    public string Tail(int lines = 15) => string.Join('\n',
        Output.Split('\n').TakeLast(lines).Concat(Error.Split('\n').TakeLast(lines)).Where(line => line.Length > 0));
}

/// <summary>How a job of ranks ended.</summary>
/// <param name="ExitCode">The launcher's.</param>
/// <param name="Stuck">If the job ran out of time: the state of every rank then.</param>
/// <param name="Ranks">Each rank's output.</param>
/// <param name="LauncherOutput">What the launcher itself said.</param>
/// <param name="Elapsed">From start to end.</param>
public sealed record RankResult(
    int ExitCode, string? Stuck, IReadOnlyList<RankOutput> Ranks, string LauncherOutput, TimeSpan Elapsed)
{
    /// <summary>True if the job was ended because it ran out of time.</summary>
    public bool TimedOut => Stuck is not null;

    /// <summary>All of it in words, for the message of a failed assertion.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(Stuck ?? $"the job ended after {Elapsed.TotalSeconds:0.0} s with exit code {ExitCode}");
        foreach (var rank in Ranks)
            text.AppendLine($"rank {rank.Rank}: {rank.Tail()}");
        return text.Append("launcher: ").Append(LauncherOutput).ToString();
    }
}

/// <summary>Starts jobs and waits for their end.</summary>
public static class RankRun
{
    /// <summary>Runs a program on ranks of this machine.</summary>
    /// <param name="flavor">Whose mpirun.</param>
    /// <param name="ranks">How many ranks.</param>
    /// <param name="program">A .NET assembly (.dll) or an executable.</param>
    /// <param name="arguments">Its arguments; "{folder}" stands for the job's own folder.</param>
    /// <param name="timeout">When to give up on it.</param>
    /// <param name="environment">Further variables for the ranks.</param>
    /// <param name="whileRunning">Called after the start, to meddle with the ranks.</param>
    public static RankResult Start(MpiFlavor flavor, int ranks, string program, IEnumerable<string> arguments, TimeSpan timeout,
        IReadOnlyDictionary<string, string>? environment = null, Action<RankJob>? whileRunning = null)
    {
        using var job = RankJob.Start(flavor, ranks, program, arguments, environment);
        whileRunning?.Invoke(job);
        return job.Finish(timeout);
    }

    /// <summary>Runs a static method <c>int Name(string[] args)</c> of a test assembly on ranks of this machine.</summary>
    /// <param name="flavor">Whose mpirun.</param>
    /// <param name="ranks">How many ranks.</param>
    /// <param name="method">The method; it initialises MPI itself.</param>
    /// <param name="timeout">When to give up on it.</param>
    /// <param name="arguments">The method's arguments.</param>
    /// <param name="environment">Further variables for the ranks.</param>
    /// <param name="whileRunning">Called after the start, to meddle with the ranks.</param>
    public static RankResult Scenario(MpiFlavor flavor, int ranks, Func<string[], int> method, TimeSpan timeout,
        IEnumerable<string>? arguments = null, IReadOnlyDictionary<string, string>? environment = null,
        Action<RankJob>? whileRunning = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        var type = method.Method.DeclaringType!;
        return Start(flavor, ranks, type.Assembly.Location,
            [RankProgram.ScenarioSwitch, type.FullName!, method.Method.Name, .. arguments ?? []], timeout, environment, whileRunning);
    }
}
