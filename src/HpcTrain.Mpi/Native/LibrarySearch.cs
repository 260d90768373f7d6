namespace HpcTrain.Mpi;

/// <summary>One MPI library to try, and why.</summary>
/// <param name="Name">Path or soname.</param>
/// <param name="Reason">Ends the sentence "tried because ...".</param>
/// <param name="Decisive">True if a failure to load it must be reported rather than passed over.</param>
internal sealed record LibraryCandidate(string Name, string Reason, bool Decisive);

/// <summary>
/// The order in which libraries are tried. First one that the process already holds (a process has one MPI: parallel HDF5
/// may have brought it); then the user's word; then the family of the launcher that started us, because a library of
/// the other family would see a world of one rank; then whatever the machine has.
/// </summary>
internal static class LibrarySearch
{
    public const string OpenMpiName = "libmpi.so.40";
    public const string DebianMpichName = "libmpich.so.12";
    public const string MpichName = "libmpi.so.12";
    public const string StandardAbiName = "libmpi_abi.so.1";

    public static readonly string[] KnownNames = [OpenMpiName, DebianMpichName, MpichName, StandardAbiName];

    private static readonly string[] LoadedPrefixes = ["libmpi.so", "libmpich.so", "libmpi_abi.so"];

    public static IEnumerable<LibraryCandidate> Order(
        IReadOnlyDictionary<string, string> environment, LaunchContext launch, IEnumerable<string> mappedFiles, string? option)
    {
        foreach (var file in mappedFiles)
        {
            var name = Path.GetFileName(file);
            if (Array.Exists(LoadedPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                yield return new(file, "the process had already loaded it", Decisive: true);
        }

        if (option is { Length: > 0 })
            yield return new(option, "MpiOptions.LibraryPath names it", Decisive: true);
        if (environment.TryGetValue(MpiVariables.Library, out var named) && named.Length > 0)
            yield return new(named, $"{MpiVariables.Library} names it", Decisive: true);

        var first = FamilyOf(environment, launch) == MpiFlavor.Mpich
            ? [DebianMpichName, MpichName]
            : new[] { OpenMpiName };
        foreach (var name in first)
        {
            yield return new(name, launch.Launcher == Launcher.None
                ? "no launcher says which is wanted" : $"the launcher is {launch.Launcher.DisplayName()}", Decisive: false);
        }

        foreach (var name in KnownNames.Except(first))
            yield return new(name, "it is a usual name", Decisive: false);
    }

    /// <summary>srun speaks PMIx to Open MPI and PMI-2 to MPICH, and leaves the variables of the one it speaks.</summary>
    private static MpiFlavor FamilyOf(IReadOnlyDictionary<string, string> environment, LaunchContext launch) =>
        launch.Launcher switch
        {
            Launcher.Hydra => MpiFlavor.Mpich,
            Launcher.Slurm when environment.ContainsKey("PMIX_RANK") => MpiFlavor.OpenMpi,
            Launcher.Slurm when environment.ContainsKey("PMI_RANK") || environment.ContainsKey("PMI_FD") => MpiFlavor.Mpich,
            _ => MpiFlavor.OpenMpi,
        };
}
