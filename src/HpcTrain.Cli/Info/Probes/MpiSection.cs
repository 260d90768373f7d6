using System.Text.RegularExpressions;
using HpcTrain.Mpi;

namespace HpcTrain.Cli.Info.Probes;

/// <summary>What HpcTrain.Mpi found, with what to do about what it did not.</summary>
internal static partial class MpiSection
{
    private const string Install =
        "no MPI library: run ./setup.sh (Debian: openmpi-bin), load your site's MPI module, or set HPCTRAIN_MPI_LIB to its libmpi.so";

    public static MpiReport Run() => Describe(MpiProbe.Run());

    internal static MpiReport Describe(MpiProbe probe)
    {
        var advice = probe.LibraryProblem ?? probe.LauncherProblem ?? (probe.Chosen is null ? Install : Mismatch(probe.Launch.Launcher, probe.Chosen));
        return new(
            probe.Chosen is not null, probe.Chosen?.Path, probe.Chosen?.Reason, StartedBy(probe.Launch),
            [.. probe.Libraries.Select(library => Describe(library, probe.Launchers))], advice);
    }

    private static MpiLibraryReport Describe(MpiLibraryInfo library, IReadOnlyList<MpiLauncherInfo> launchers)
    {
        var launcher = launchers.FirstOrDefault(launcher => launcher.Flavor == library.Flavor)?.Path;
        return new(
            library.Path, VersionNumber().Match(library.Version) is { Success: true } number ? number.Value : "unknown",
            library.Version, library.Flavor.DisplayName(), launcher, library.Gpu.IsAware, GpuAdvice(library.Gpu),
            launcher is null ? "no mpirun for it: load its module, set HPCTRAIN_MPIRUN, or start its ranks with srun" : null);
    }

    private static string GpuAdvice(MpiGpuSupport gpu)
    {
        string devices = string.Join(" and ", new[] { gpu.Cuda ? "CUDA" : null, gpu.Rocm ? "ROCm" : null }.OfType<string>());
        return gpu.IsAware
            ? $"takes device memory of {devices}, because {gpu.Basis}: CUDA device buffers travel {(gpu.Cuda ? "as device pointers" : "through pinned host memory")}"
            : $"not GPU-aware, because {gpu.Basis}: device buffers travel through pinned host memory";
    }

    /// <summary>A library under the launcher of another makes every rank a world of its own.</summary>
    private static string? Mismatch(Launcher launcher, MpiLibraryInfo library)
    {
        var fits = (launcher, library.Flavor) is not ((Launcher.OpenMpi, MpiFlavor.Mpich) or (Launcher.Hydra, MpiFlavor.OpenMpi));
        return fits ? null : $"{launcher.DisplayName()} started this process, but the library is {library.Flavor.DisplayName()}: "
            + "ranks would not see each other; unset HPCTRAIN_MPI_LIB, or use the library's own mpirun";
    }

    private static string StartedBy(LaunchContext launch) =>
        launch.Launcher == Launcher.None ? "none" : $"{launch.Launcher.DisplayName()}, rank {launch.Rank} of {launch.Size}";

    [GeneratedRegex(@"\d+(\.\d+)+[a-z0-9]*")]
    private static partial Regex VersionNumber();
}
