namespace HpcTrain.Mpi;

/// <summary>Finds and loads this process's MPI library, in the order of <see cref="LibrarySearch"/>.</summary>
internal static class LibraryLoader
{
    public static MpiLibrary Load(IReadOnlyDictionary<string, string> environment, LaunchContext launch, string? option)
    {
        var mapped = MappedFiles.All().Except(MpiProbe.LoadedByProbe);
        var tried = new List<string>();
        foreach (var candidate in LibrarySearch.Order(environment, launch, mapped, option))
        {
            if (MpiLibrary.TryLoad(candidate.Name, out var library, out var problem))
                return library!;
            if (candidate.Decisive)
            {
                throw new MpiException(
                    $"rank {launch.Rank}: the MPI library {candidate.Name} ({candidate.Reason}) does not load: {problem}",
                    "MpiEnvironment.Initialize", launch.Rank);
            }

            tried.Add(candidate.Name);
        }

        throw new MpiException(
            $"rank {launch.Rank}: no MPI library found (tried {string.Join(", ", tried)}): install Open MPI or MPICH, load your "
            + $"site's MPI module, or name the library in {MpiVariables.Library}.", "MpiEnvironment.Initialize", launch.Rank);
    }
}
