namespace HpcTrain.Mpi;

/// <summary>One MPI library on this machine.</summary>
/// <param name="Flavor">Its ABI.</param>
/// <param name="Path">Its file.</param>
/// <param name="Version">Its own description of itself, on one line.</param>
/// <param name="Reason">Why it was tried at its place in the order; ends the sentence "tried because ...".</param>
/// <param name="Gpu">Whether it takes device memory, as far as can be told before MPI is initialised.</param>
public sealed record MpiLibraryInfo(MpiFlavor Flavor, string Path, string Version, string Reason, MpiGpuSupport Gpu);

/// <summary>One launcher on this machine.</summary>
/// <param name="Flavor">The MPI whose ranks it starts.</param>
/// <param name="Path">Its file.</param>
/// <param name="Version">The first line of its <c>--version</c> that names a version.</param>
public sealed record MpiLauncherInfo(MpiFlavor Flavor, string Path, string Version);

/// <summary>What MPI this machine has, without initialising any.</summary>
/// <param name="Libraries">The libraries that load, the one that <see cref="MpiEnvironment.Initialize"/> would take first.</param>
/// <param name="Launchers">The launchers found.</param>
/// <param name="Launch">What started this process.</param>
/// <param name="LibraryProblem">Why a library that is named or already loaded cannot be used, or null.</param>
/// <param name="LauncherProblem">Why the launcher that is named cannot be used, or null.</param>
public sealed record MpiProbe(
    IReadOnlyList<MpiLibraryInfo> Libraries, IReadOnlyList<MpiLauncherInfo> Launchers, LaunchContext Launch,
    string? LibraryProblem, string? LauncherProblem)
{
    /// <summary>The library that this process would initialise, or null if there is none.</summary>
    public MpiLibraryInfo? Chosen => LibraryProblem is null && Libraries.Count > 0 ? Libraries[0] : null;

    internal static HashSet<string> LoadedByProbe { get; } = [];

    /// <summary>
    /// Looks for libraries and launchers. Libraries are loaded into this process, so call it where a report is wanted
    /// (<c>hpctrain info</c>) and not in a training job. Takes some tens of milliseconds.
    /// </summary>
    /// <returns>What was found.</returns>
    public static MpiProbe Run()
    {
        var environment = LaunchContext.ProcessEnvironment();
        var launch = LaunchContext.Detect(environment);
        var before = MappedFiles.All();
        var found = new List<MpiLibraryInfo>();
        string? libraryProblem = null, launcherProblem = null;
        foreach (var candidate in LibrarySearch.Order(environment, launch, before.Except(LoadedByProbe), option: null))
        {
            if (!MpiLibrary.TryLoad(candidate.Name, out var library, out var why))
            {
                if (candidate.Decisive)
                    libraryProblem ??= $"{candidate.Name} ({candidate.Reason}) does not load: {why}";
            }
            else if (!found.Exists(info => info.Path == library!.Path))
            {
                if (!before.Contains(library!.Path))
                    LoadedByProbe.Add(library.Path);
                string version = library.ReadVersion();
                found.Add(new(library.Flavor, library.Path, OneLine(version), candidate.Reason,
                    GpuQuery.Ask(library, version, environment, isInitialized: false)));
            }
        }

        IReadOnlyList<MpiLauncherInfo> launchers = [];
        try
        {
            launchers = LocalLauncher.FindAll();
        }
        catch (MpiException e)
        {
            launcherProblem = e.Message;
        }

        return new MpiProbe(found, launchers, launch, libraryProblem, launcherProblem);
    }

    /// <summary>MPICH describes its whole build; its first two facts, and Open MPI's first, are the version.</summary>
    private static string OneLine(string version)
    {
        var first = version.Split('\n')[0];
        return string.Join(' ', first.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
    }
}
