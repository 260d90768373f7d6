using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace HpcTrain.Mpi;

/// <summary>
/// Finds the launchers of this machine and builds their commands: so many ranks here, whatever the number of cores, as
/// root or not, with the threads of the ranks sharing the cores out. Debian's names (<c>mpirun.openmpi</c>,
/// <c>mpirun.mpich</c>) come first, then <c>mpirun</c>, recognised by what it says to <c>--version</c>.
/// </summary>
public sealed class LocalLauncher
{
    private static readonly string[] Names = ["mpirun.openmpi", "mpirun", "mpiexec.hydra", "mpirun.mpich"];
    private static readonly TimeSpan VersionTimeout = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentDictionary<string, MpiLauncherInfo?> Identified = new();

    private LocalLauncher(MpiLauncherInfo info) => Info = info;

    /// <summary>The launcher.</summary>
    public MpiLauncherInfo Info { get; }

    /// <summary>Every launcher found, one per flavour, in the order in which a job without a preference takes them.</summary>
    /// <returns>The launchers; empty if there are none.</returns>
    /// <exception cref="MpiException"><see cref="MpiVariables.Launcher"/> names something that is not one.</exception>
    public static IReadOnlyList<MpiLauncherInfo> FindAll() => [.. Search(Names).DistinctBy(info => info.Flavor)];

    /// <summary>The launcher of a flavour, or the first one found.</summary>
    /// <param name="flavor">The flavour, or null for any.</param>
    /// <returns>The launcher.</returns>
    /// <exception cref="MpiException">There is none.</exception>
    public static LocalLauncher Find(MpiFlavor? flavor = null)
    {
        // Names of the other family come last: each candidate costs the start of a process.
        var names = flavor == MpiFlavor.Mpich ? Names.Reverse() : Names;
        var found = Search(names).FirstOrDefault(info => flavor is null || info.Flavor == flavor);
        if (found is not null)
            return new LocalLauncher(found);
        var wanted = flavor is { } f ? $"mpirun of {f.DisplayName()}" : "mpirun";
        var all = FindAll();
        var others = all.Count == 0 ? "" : $" (found only {string.Join(", ", all.Select(info => info.Path))})";
        throw new MpiException(
            $"no {wanted} on this machine{others}: install it (on Debian: apt install "
            + (flavor == MpiFlavor.Mpich ? "mpich" : "openmpi-bin") + $"), load your site's MPI module, or name one in {MpiVariables.Launcher}.",
            "LocalLauncher.Find");
    }

    /// <summary>The flavours whose ranks can be started here.</summary>
    /// <returns>Flavours, preferred first.</returns>
    public static IReadOnlyList<MpiFlavor> AvailableFlavors() => [.. FindAll().Select(info => info.Flavor)];

    /// <summary>Builds a command.</summary>
    /// <param name="ranks">Ranks to start on this machine, at least 1.</param>
    /// <param name="program">The program of every rank: a path, or a name on PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Further variables for the ranks; they win over the ones set here.</param>
    /// <returns>The command, not started.</returns>
    public LaunchCommand Command(
        int ranks, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var variables = Variables(ranks, NodeCores.Count);

        // Open MPI gives ranks a terminal even when its own output goes to a file, and the console would write its codes there.
        if (Console.IsOutputRedirected)
            variables["TERM"] = "dumb";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            variables[name] = value;
        return new LaunchCommand(Info.Flavor, ranks, Info.Path,
            [.. Options(Info.Flavor, ranks, NodeCores.Count, NativeProcess.IsRoot), program, .. arguments], variables);
    }

    /// <summary>The launcher's own options; a pure function.</summary>
    internal static List<string> Options(MpiFlavor flavor, int ranks, int cores, bool root)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        List<string> options = ["-n", ranks.ToString(CultureInfo.InvariantCulture)];
        if (flavor != MpiFlavor.OpenMpi)
            return options;

        // Left alone, Open MPI binds each of few ranks to one core, and then all threads of a rank share that core.
        options.AddRange(["--oversubscribe", "--bind-to", "none"]);
        if (root)
            options.Add("--allow-run-as-root");
        if (ranks > cores)
            options.AddRange(["--mca", "mpi_yield_when_idle", "1"]);
        return options;
    }

    internal static Dictionary<string, string> Variables(int ranks, int cores)
    {
        var variables = new Dictionary<string, string>
        {
            ["UCX_ERROR_SIGNALS"] = "SIGILL,SIGBUS,SIGFPE",
        };
        if (Environment.GetEnvironmentVariable("OMP_NUM_THREADS") is null)
            variables["OMP_NUM_THREADS"] = Math.Max(1, cores / ranks).ToString(CultureInfo.InvariantCulture);
        return variables;
    }

    /// <summary>The launchers among these names, lazily; or the named one alone.</summary>
    private static IEnumerable<MpiLauncherInfo> Search(IEnumerable<string> names)
    {
        if (Environment.GetEnvironmentVariable(MpiVariables.Launcher) is not { Length: > 0 } named)
            return names.Select(Resolve).OfType<string>().Select(Identify).OfType<MpiLauncherInfo>();
        return Resolve(named) is { } path && Identify(path) is { } info ? [info] : throw new MpiException(
            $"{MpiVariables.Launcher}={named} is not a launcher of Open MPI or MPICH that runs here: name one, or unset it.",
            "LocalLauncher");
    }

    /// <summary>What a program is; null if it cannot be run or is no launcher that we know. Asked once per process.</summary>
    private static MpiLauncherInfo? Identify(string path) => Identified.GetOrAdd(path, Ask);

    private static MpiLauncherInfo? Ask(string path)
    {
        var start = new ProcessStartInfo(path, ["--version"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            _ = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!output.Wait(VersionTimeout))
            {
                process.Kill(entireProcessTree: true);
                return null;
            }

            return Recognise(path, output.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    internal static MpiLauncherInfo? Recognise(string path, string versionText)
    {
        var lines = versionText.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0)
            return null;
        if (versionText.Contains("Open MPI", StringComparison.Ordinal) || versionText.Contains("OpenRTE", StringComparison.Ordinal)
            || versionText.Contains("PRRTE", StringComparison.Ordinal))
            return new(MpiFlavor.OpenMpi, path, lines[0]);
        if (!versionText.Contains("HYDRA", StringComparison.OrdinalIgnoreCase)
            && !versionText.Contains("Intel(R) MPI", StringComparison.Ordinal))
            return null;
        var version = Array.Find(lines, line => line.StartsWith("Version:", StringComparison.Ordinal));
        return new(MpiFlavor.Mpich, path, version is null ? lines[0] : "Hydra " + version["Version:".Length..].Trim());
    }

    private static string? Resolve(string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
            return File.Exists(name) ? Path.GetFullPath(name) : null;
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(File.Exists);
    }
}
