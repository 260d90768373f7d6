using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using HpcTrain.Mpi;

namespace HpcTrain.Testing;

/// <summary>
/// A job of ranks under mpirun on this machine. Each rank's output goes to files of its own, and its process id is known, so
/// that a test can tell ranks apart, look at them, and kill one. Disposal ends whatever still runs and removes the files.
/// </summary>
public sealed partial class RankJob : IDisposable
{
    // The shell gives way to the program (exec), which keeps its process id and its place as the launcher's child.
    private const string Wrapper =
        """r=${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}}; echo $$ >"$0/$r.pid"; exec "$@" >"$0/$r.out" 2>"$0/$r.err" """;

    private const string LifeSeconds = "900";
    private const int Terminate = 15;
    private static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(3);

    private readonly Process _launcher;
    private readonly StringBuilder _launcherOutput = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    private RankJob(LaunchCommand command, string folder)
    {
        Ranks = command.Ranks;
        Folder = folder;

        // If the test process itself is killed, nobody is left to end a job that hangs: timeout(1) does, some time.
        var bounded = command with
        {
            Executable = "timeout",
            Arguments = ["--kill-after=5", LifeSeconds, command.Executable, .. command.Arguments],
        };
        var info = bounded.ToProcessStartInfo();
        info.RedirectStandardOutput = info.RedirectStandardError = true;
        _launcher = new Process { StartInfo = info };
        _launcher.OutputDataReceived += (_, line) => Append(line.Data);
        _launcher.ErrorDataReceived += (_, line) => Append(line.Data);
        _launcher.Start();
        _launcher.StandardInput.Close();
        _launcher.BeginOutputReadLine();
        _launcher.BeginErrorReadLine();
    }

    /// <summary>The number of ranks started.</summary>
    public int Ranks { get; }

    /// <summary>A folder of this job's own; ranks may write into it.</summary>
    public string Folder { get; }

    /// <summary>True once the launcher has ended.</summary>
    public bool HasExited => _launcher.HasExited;

    /// <summary>Starts a job.</summary>
    /// <param name="flavor">Whose mpirun.</param>
    /// <param name="ranks">How many ranks.</param>
    /// <param name="program">A .NET assembly (.dll) or an executable.</param>
    /// <param name="arguments">Arguments of the program; "{folder}" stands for <see cref="Folder"/>.</param>
    /// <param name="environment">Further variables for the ranks.</param>
    public static RankJob Start(MpiFlavor flavor, int ranks, string program, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var folder = Directory.CreateTempSubdirectory("hpctrain-ranks-").FullName;
        List<string> line = ["-c", Wrapper, folder];
        line.AddRange(program.EndsWith(".dll", StringComparison.Ordinal) ? [DotNet, "exec", program] : [program]);
        line.AddRange(arguments.Select(argument => argument.Replace("{folder}", folder, StringComparison.Ordinal)));

        // Test machines are shared: a rank that waits must not hold a core, whatever the number of ranks.
        var variables = new Dictionary<string, string> { [MpiVariables.Yield] = "always" };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            variables[name] = value;
        return new RankJob(LocalLauncher.Find(flavor).Command(ranks, "/bin/sh", line, variables), folder);
    }

    /// <summary>The process id of a rank; null until it has started.</summary>
    public int? ProcessId(int rank) =>
        int.TryParse(Read($"{rank}.pid"), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>Waits, bounded, for a condition that the ranks will bring about.</summary>
    /// <returns>False if the time ran out or the job ended first.</returns>
    public bool WaitUntil(Func<bool> condition, TimeSpan timeout)
    {
        var limit = _clock.Elapsed + timeout;
        while (!condition())
        {
            if (HasExited)
                return condition();
            if (_clock.Elapsed > limit)
                return false;
            Thread.Sleep(20);
        }

        return true;
    }

    /// <summary>Waits for the end of the job; a job that runs beyond the timeout is described and ended.</summary>
    public RankResult Finish(TimeSpan timeout)
    {
        string? stuck = null;
        if (!_launcher.WaitForExit(timeout))
            stuck = Stop($"the job did not end within {timeout.TotalSeconds:0.#} s");
        _launcher.WaitForExit();
        return new RankResult(OwnCrash() ?? _launcher.ExitCode, stuck, [.. Enumerable.Range(0, Ranks).Select(OutputOf)], LauncherOutput,
            _clock.Elapsed);
    }

    /// <summary>
    /// The mpirun of Open MPI 4.1.4 now and then dies of a segmentation fault in its own PMIx_server_finalize, after the ranks
    /// have ended and it has reported them. What it had reported is then the job's exit code.
    /// </summary>
    /// <returns>That code, 0 if it had nothing to report; null if the launcher ended by itself.</returns>
    private int? OwnCrash()
    {
        const int SegmentationFault = 139;
        // When a rank dies of one, mpirun answers with the same number, but says whose it was.
        if (_launcher.ExitCode != SegmentationFault || LauncherOutput.Contains("exited on signal 11", StringComparison.Ordinal))
            return null;
        if (ReportedCode().Match(LauncherOutput) is { Success: true } code)
            return int.Parse(code.Groups[1].Value, CultureInfo.InvariantCulture);
        return ReportedSignal().Match(LauncherOutput) is { Success: true } signal
            ? 128 + int.Parse(signal.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"Exit code:\s+(\d+)")]
    private static partial Regex ReportedCode();

    [GeneratedRegex(@"exited on signal (\d+)")]
    private static partial Regex ReportedSignal();

    /// <summary>Describes every rank, then ends the job.</summary>
    /// <param name="why">The first line of the description.</param>
    /// <returns>The description.</returns>
    public string Stop(string why)
    {
        var text = new StringBuilder(why).AppendLine(":");
        for (var rank = 0; rank < Ranks; rank++)
        {
            text.Append(CultureInfo.InvariantCulture, $"  rank {rank}: ");
            text.AppendLine(ProcessId(rank) is { } id ? ProcessState.Describe(id) : "not started");
            text.Append(Indent(OutputOf(rank).Tail()));
        }

        Kill();
        return text.ToString();
    }

    /// <summary>What a rank has written so far.</summary>
    public RankOutput OutputOf(int rank) => new(rank, Read($"{rank}.out"), Read($"{rank}.err"));

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _launcher.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string DotNet =>
        Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    private string LauncherOutput
    {
        get
        {
            lock (_launcherOutput)
                return _launcherOutput.ToString();
        }
    }

    /// <summary>Asks the launcher to end its ranks; whoever does not go is killed, ranks first.</summary>
    private void Kill()
    {
        if (_launcher.HasExited)
            return;
        _ = Signal(_launcher.Id, Terminate);
        if (_launcher.WaitForExit(KillGrace))
            return;
        for (var rank = 0; rank < Ranks; rank++)
        {
            if (ProcessId(rank) is { } id)
                _ = Signal(id, 9);
        }

        _launcher.Kill(entireProcessTree: true);
        _launcher.WaitForExit();
    }

    private void Append(string? line)
    {
        if (line is null)
            return;
        lock (_launcherOutput)
            _launcherOutput.AppendLine(line);
    }

    private string Read(string file)
    {
        var path = Path.Combine(Folder, file);
        if (!File.Exists(path))
            return "";
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().TrimEnd();
    }

    private static string Indent(string text) =>
        text.Length == 0 ? "" : string.Concat(text.Split('\n').Select(line => $"    | {line}\n"));

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
