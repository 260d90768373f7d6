using System.Runtime.InteropServices;
using System.Text;
using HpcTrain.Data;
using HpcTrain.Kernels;
using HpcTrain.Mpi;
using TorchSharp;

namespace HpcTrain.Training.Jobs;

/// <summary>The content of <c>environment.json</c>: what the run really ran on. Nothing in it was merely asked for.</summary>
internal sealed record RunEnvironment
{
    private const int NameBytes = 256;

    /// <summary>HpcTrain's version.</summary>
    public required string HpcTrain { get; init; }

    /// <summary>The .NET runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>The operating system.</summary>
    public required string System { get; init; }

    /// <summary>The MPI library, as it names itself.</summary>
    public required string Mpi { get; init; }

    /// <summary>The file of the MPI library.</summary>
    public required string MpiPath { get; init; }

    /// <summary>The MPI's ABI.</summary>
    public required string MpiAbi { get; init; }

    /// <summary>What started the ranks.</summary>
    public required string Launcher { get; init; }

    /// <summary>The SIMD kernels that the hardware chose.</summary>
    public required string Kernels { get; init; }

    /// <summary>The TorchSharp assembly and its version.</summary>
    public required string TorchSharp { get; init; }

    /// <summary>The file of libtorch that is loaded; its name ends in the version.</summary>
    public required string Libtorch { get; init; }

    /// <summary>HDF5's version and file.</summary>
    public required string Hdf5 { get; init; }

    /// <summary>Compute threads of each rank.</summary>
    public required int ThreadsPerRank { get; init; }

    /// <summary>Cores that rank 0 may use.</summary>
    public required int Cores { get; init; }

    /// <summary>The node of each rank, by rank.</summary>
    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>The MPI library in a few words: the first clause of what it says of itself, as "Open MPI v4.1.4".</summary>
    public static string MpiName(MpiEnvironment mpi)
        => string.Join(' ', mpi.LibraryVersion.Split('\n', ',')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string LoadedFile(string name)
        => File.ReadLines("/proc/self/maps").FirstOrDefault(line => line.Contains('/' + name, StringComparison.Ordinal)) is { } line
            ? line[line.IndexOf('/', StringComparison.Ordinal)..]
            : "unknown";

    /// <summary>Collects the environment; a collective call.</summary>
    public static RunEnvironment Collect(MpiEnvironment mpi)
    {
        var name = new byte[NameBytes];
        var host = Encoding.UTF8.GetBytes(mpi.ProcessorName);
        host.AsSpan(0, Math.Min(host.Length, NameBytes)).CopyTo(name);
        var names = new byte[NameBytes * mpi.World.Size];
        mpi.World.AllGather<byte>(name, names);
        var torch = typeof(torch).Assembly.GetName();
        return new RunEnvironment
        {
            HpcTrain = typeof(RunEnvironment).Assembly.GetName().Version!.ToString(3),
            Runtime = RuntimeInformation.FrameworkDescription,
            System = RuntimeInformation.OSDescription,
            Mpi = MpiName(mpi),
            MpiPath = mpi.LibraryPath,
            MpiAbi = mpi.Flavor.ToString(),
            Launcher = mpi.Launch.Launcher.ToString(),
            Kernels = HostKernels.Description,
            TorchSharp = $"{torch.Name} {torch.Version}",
            Libtorch = LoadedFile("libtorch_cpu.so"),
            Hdf5 = $"{HdfRuntime.Version} {HdfRuntime.LibraryPath}",
            ThreadsPerRank = global::TorchSharp.torch.get_num_threads(),
            Cores = global::System.Environment.ProcessorCount,
            Nodes = [.. names.Chunk(NameBytes).Select(n => Encoding.UTF8.GetString(n).TrimEnd('\0'))],
        };
    }
}
