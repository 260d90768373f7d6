using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using HpcTrain.Benchmarking.Peers;
using HpcTrain.Collectives;
using HpcTrain.Kernels;
using HpcTrain.Mpi;

namespace HpcTrain.Benchmarking.Reports;

/// <summary>What the figures were taken on: <c>environment</c> of the JSON, comment lines of the CSV, the head of the table.</summary>
internal sealed record RunFacts
{
    private const int NameBytes = 256;

    /// <summary>The start, in UTC.</summary>
    public required string Date { get; init; }

    public required string Program { get; init; }

    public required string CommandLine { get; init; }

    public required string Cpu { get; init; }

    /// <summary>The cores that rank 0 may use.</summary>
    public required int Cores { get; init; }

    public required string Os { get; init; }

    public required string Dotnet { get; init; }

    /// <summary>The SIMD kernels that the processor chose.</summary>
    public required string Kernels { get; init; }

    /// <summary>The MPI library and its version.</summary>
    public required string Mpi { get; init; }

    public required string MpiPath { get; init; }

    /// <summary>How the MPI library's calls wait.</summary>
    public required string MpiCalls { get; init; }

    /// <summary>The variables that choose or tune the MPI library's collectives.</summary>
    public required SortedDictionary<string, string> MpiSettings { get; init; }

    public required string Launcher { get; init; }

    public required int Ranks { get; init; }

    /// <summary>Whether some node has more ranks than cores.</summary>
    public required bool RanksOutnumberCores { get; init; }

    /// <summary>The ranks of each node, as <see cref="Collectives.NodeMap"/> writes it.</summary>
    public required string NodeMap { get; init; }

    /// <summary>The names of the nodes, in the order of their first ranks.</summary>
    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>The file of tuning rules by which <c>auto</c> chooses; null for none.</summary>
    public required string? TuningRules { get; init; }

    /// <summary>Whether the ranks tell each other before each of our calls what they call, which takes time.</summary>
    public required bool Checked { get; init; }

    /// <summary>How long a call may stand still, in seconds.</summary>
    public required double StallTimeoutS { get; init; }

    public required string Buffers { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>Collects the facts. A collective call.</summary>
    /// <returns>The facts, and which ranks share a node.</returns>
    public static (RunFacts Facts, NodeMap Nodes) Collect(MpiEnvironment mpi, BenchmarkRequest request, VendorLibrary library, CommunicatorOptions communicator)
    {
        byte[] name = new byte[NameBytes], names = new byte[NameBytes * mpi.World.Size];
        byte[] host = Encoding.UTF8.GetBytes(mpi.ProcessorName);
        host.AsSpan(0, Math.Min(host.Length, NameBytes)).CopyTo(name);
        mpi.World.AllGather<byte>(name, names);
        string[] hosts = [.. names.Chunk(NameBytes).Select(bytes => Encoding.UTF8.GetString(bytes).TrimEnd('\0'))];
        string[] distinct = [.. hosts.Distinct()];
        var nodes = new NodeMap([.. hosts.Select(each => Array.IndexOf(distinct, each))]);
        return (new()
        {
            Date = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            Program = request.Program,
            CommandLine = request.CommandLine,
            Cpu = request.Processor,
            Cores = Environment.ProcessorCount,
            Os = RuntimeInformation.OSDescription,
            Dotnet = Environment.Version.ToString(),
            Kernels = HostKernels.Description,
            Mpi = library.Name,
            MpiPath = mpi.LibraryPath,
            MpiCalls = library.Calls,
            MpiSettings = library.Settings,
            Launcher = mpi.Launch.Launcher.DisplayName(),
            Ranks = mpi.World.Size,
            RanksOutnumberCores = mpi.Crowded,
            NodeMap = nodes.ToString(),
            Nodes = distinct,
            TuningRules = Environment.GetEnvironmentVariable(Collectives.TuningRules.Variable) is { Length: > 0 } file ? file : null,
            Checked = communicator.Checked,
            StallTimeoutS = communicator.StallTimeout.TotalSeconds,
            Buffers = NameOf(request.Buffers),
            Seed = request.Seed,
        }, nodes);
    }

    /// <summary>The name of a kind of memory in texts and files.</summary>
    public static string NameOf(BufferKind kind) => kind == BufferKind.Communicator ? "communicator" : "ordinary";

    /// <summary>The facts as lines of text, without marks of comments.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"{Program}, {Date}: {CommandLine}";
        yield return $"{Cores} x {Cpu}, {Os}, .NET {Dotnet}, {Kernels} kernels";
        yield return $"{Ranks} {(Ranks == 1 ? "rank" : "ranks")} on {string.Join(", ", Nodes)} (node map {NodeMap}), started by {Launcher}"
            + (RanksOutnumberCores ? "; ranks outnumber cores or share them" : "");
        yield return $"{Mpi} ({MpiPath}), {MpiCalls}";
        foreach ((string name, string value) in MpiSettings)
            yield return $"{name}={value}";
        if (TuningRules != null)
            yield return $"auto follows the rules of {TuningRules}";
        if (Checked)
            yield return $"checked mode ({CommunicatorOptions.CheckedVariable}): before each call of ours the ranks compare what they call, which is in its time";
        yield return string.Create(CultureInfo.InvariantCulture, $"our buffers: {Buffers}; a peer's: ordinary; seed {Seed}; stall time-out {StallTimeoutS:0.###} s");
    }
}
