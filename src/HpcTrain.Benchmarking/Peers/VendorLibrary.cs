using System.Collections;
using System.Text.RegularExpressions;
using HpcTrain.Mpi;

namespace HpcTrain.Benchmarking.Peers;

/// <summary>The MPI library as a peer: its name, how its calls wait, and what its environment tells it to do.</summary>
internal sealed partial class VendorLibrary
{
    private readonly MpiFlavor _flavor;
    private readonly IReadOnlyDictionary<string, string> _environment;

    /// <param name="flavor">The library's family.</param>
    /// <param name="description">How it describes itself.</param>
    /// <param name="isYielding">Whether ranks outnumber cores.</param>
    /// <param name="environment">The process's variables.</param>
    public VendorLibrary(MpiFlavor flavor, string description, bool isYielding, IReadOnlyDictionary<string, string> environment)
    {
        _flavor = flavor;
        _environment = environment;
        Name = NameIn(flavor, description);

        // Open MPI yields by itself. The others spin, so HpcTrain.Mpi does their blocking calls by the nonblocking ones, and yields between tests.
        IsNonblocking = isYielding && flavor != MpiFlavor.OpenMpi;
    }

    /// <summary>The library and its version: <c>Open MPI 4.1.4</c>.</summary>
    public string Name { get; }

    /// <summary>Whether MPI_Iallreduce and the like stand for the blocking calls.</summary>
    public bool IsNonblocking { get; }

    /// <summary>How its calls wait, in a few words.</summary>
    public string Calls => IsNonblocking ? "nonblocking calls that are tested and yield in between, because ranks outnumber cores" : "blocking calls";

    /// <summary>The variables that choose or tune its collectives, as they are set.</summary>
    public SortedDictionary<string, string> Settings
    {
        get
        {
            string[] prefixes = _flavor == MpiFlavor.OpenMpi ? ["OMPI_MCA_coll"] : ["MPIR_CVAR_", "MPICH_", "I_MPI_", "MV2_"];
            return new(_environment.Where(variable => prefixes.Any(prefix => variable.Key.StartsWith(prefix, StringComparison.Ordinal)))
                .ToDictionary(StringComparer.Ordinal), StringComparer.Ordinal);
        }
    }

    /// <summary>The library of this process.</summary>
    public static VendorLibrary Of(MpiEnvironment mpi) => new(mpi.Flavor, mpi.LibraryVersion, mpi.Crowded,
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? ""));

    /// <summary>The algorithm that the environment forces for a workload, or "default": then the library decides, and does not tell how.</summary>
    public string Algorithm(Workloads.Workload work) => VendorAlgorithm.Of(work, _flavor, IsNonblocking, _environment);

    private static string NameIn(MpiFlavor flavor, string description)
    {
        string number = VersionNumber().Match(description).Value;
        string family = flavor == MpiFlavor.Mpich && description.Contains("Intel", StringComparison.Ordinal) ? "Intel MPI"
            : flavor == MpiFlavor.Mpich && description.Contains("MVAPICH", StringComparison.Ordinal) ? "MVAPICH"
            : flavor.DisplayName();
        return $"{family} {number}".TrimEnd();
    }

    [GeneratedRegex(@"\d+(\.\d+)+[a-z0-9]*")]
    private static partial Regex VersionNumber();
}
