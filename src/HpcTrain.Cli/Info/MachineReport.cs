using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace HpcTrain.Cli.Info;

/// <summary>
/// What `hpctrain info` found. The JSON has these names in snake_case; names are only ever added. A part that was not found has
/// `found` false and says in `advice` what to do; every other value of it may then be null.
/// </summary>
internal sealed record MachineReport(
    string Hpctrain,
    HostReport Host,
    DotnetReport Dotnet,
    MpiReport Mpi,
    LibraryReport Hdf5,
    LibtorchReport Libtorch,
    CpuReport Cpu,
    KernelsReport Kernels,
    GpusReport Gpus,
    SlurmReport Slurm);

/// <param name="MemoryBytes">What this process may use: the machine's memory, or its control group's limit.</param>
internal sealed record HostReport(string Name, string Os, string Architecture, int Processors, long MemoryBytes);

internal sealed record DotnetReport(string Version, string Path);

/// <param name="Chosen">Path of the library that a rank started from here would load.</param>
/// <param name="Reason">Why that one.</param>
/// <param name="StartedBy">The launcher that started this process and its rank, or "none".</param>
internal sealed record MpiReport(
    bool Found, string? Chosen, string? Reason, string StartedBy, IReadOnlyList<MpiLibraryReport> Libraries, string? Advice);

/// <param name="Version">Its number, such as "4.1.4".</param>
/// <param name="Description">How the library describes itself.</param>
/// <param name="Abi">"Open MPI", "MPICH" or "MPI standard ABI".</param>
/// <param name="Launcher">Path of the mpirun that belongs to the library, or null.</param>
/// <param name="GpuAware">Whether it takes addresses of device memory.</param>
/// <param name="GpuAdvice">How device buffers travel, and why.</param>
internal sealed record MpiLibraryReport(
    string Path, string Version, string Description, string Abi, string? Launcher, bool GpuAware, string GpuAdvice, string? Advice);

internal sealed record LibraryReport(bool Found, string? Version, string? Path, string? Advice);

/// <param name="Shim">Path of the shim between the TorchSharp drop-in and libtorch, or null.</param>
internal sealed record LibtorchReport(bool Found, string? Version, string? Path, string? Shim, string? Advice);

/// <param name="Features">The vector instruction sets that the .NET runtime uses here.</param>
internal sealed record CpuReport(string Model, int Processors, IReadOnlyList<string> Features);

internal sealed record KernelsReport(string Description);

internal sealed record GpusReport(bool Found, string? Driver, IReadOnlyList<GpuReport> Devices, string? Advice);

internal sealed record GpuReport(string Name, long MemoryBytes);

/// <param name="Job">The job that this process runs in, or null outside of one.</param>
internal sealed record SlurmReport(bool Found, string? Version, string? Path, SlurmJobReport? Job, string? Advice);

/// <param name="Nodes">Nodes of the job.</param>
/// <param name="Tasks">Tasks of the step that srun started, or of the job in its batch script; null where Slurm does not say.</param>
/// <param name="InStep">True in a process that srun started.</param>
internal sealed record SlurmJobReport(string Id, string? Nodes, string? Tasks, bool InStep);

[JsonSerializable(typeof(MachineReport))]
internal sealed partial class MachineReportJson : JsonSerializerContext
{
    private static readonly MachineReportJson Indented = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        // For people and programs that read JSON, not for HTML: an apostrophe stays one.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Render(MachineReport report) => JsonSerializer.Serialize(report, Indented.MachineReport);
}
