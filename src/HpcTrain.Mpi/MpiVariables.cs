using System.Globalization;

namespace HpcTrain.Mpi;

/// <summary>
/// Every HPCTRAIN_* environment variable that this assembly reads, and what it means. A value that cannot be read is an
/// <see cref="MpiException"/> that names the variable, never a silent default.
/// </summary>
public static class MpiVariables
{
    /// <summary>
    /// <c>HPCTRAIN_MPI_LIB</c>: path or soname of the MPI library to load, in place of the search
    /// (a library that the process has already loaded still comes first: a process has one MPI).
    /// </summary>
    public const string Library = "HPCTRAIN_MPI_LIB";

    /// <summary>
    /// <c>HPCTRAIN_MPIRUN</c>: path or name of the launcher that <see cref="LocalLauncher"/> uses. Its flavour is read from
    /// <c>--version</c>, so it serves only the flavour that it is.
    /// </summary>
    public const string Launcher = "HPCTRAIN_MPIRUN";

    /// <summary>
    /// <c>HPCTRAIN_FINALIZE_TIMEOUT</c>: seconds (default 30) that MPI_Finalize may take once every rank has reached it, before
    /// the watchdog reports the ranks that did not finish and exits with <see cref="MpiExitCodes.FinalizeTimeout"/>. Ranks that
    /// have not reached it are named after this time and given up after ten times as long. 0 turns the watchdog off.
    /// </summary>
    public const string FinalizeTimeout = "HPCTRAIN_FINALIZE_TIMEOUT";

    /// <summary>
    /// <c>HPCTRAIN_MPI_YIELD</c>: <c>auto</c> (default), <c>always</c> or <c>never</c>: whether ranks give up their core while
    /// they wait. <c>auto</c> does where a node has more ranks than cores; <c>always</c> is for machines that ranks share
    /// with other work; waiting without yielding is a little quicker where every rank has a core. The same on every rank.
    /// </summary>
    public const string Yield = "HPCTRAIN_MPI_YIELD";

    /// <summary>The names of all of them, for help texts and reports.</summary>
    public static IReadOnlyList<string> All { get; } = [Library, Launcher, FinalizeTimeout, Yield];

    internal static TimeSpan ReadFinalizeTimeout(IReadOnlyDictionary<string, string> environment)
    {
        if (!environment.TryGetValue(FinalizeTimeout, out var text) || text.Length == 0)
            return TimeSpan.FromSeconds(30);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 0 and <= 86_400)
            return TimeSpan.FromSeconds(seconds);
        throw new MpiException(
            $"{FinalizeTimeout}={text} is not a number of seconds from 0 to 86400: set it to such a number (0 turns the "
            + "finalize watchdog off) or unset it.",
            "MpiEnvironment.Initialize");
    }

    internal static CrowdPolicy ReadYield(IReadOnlyDictionary<string, string> environment)
    {
        if (!environment.TryGetValue(Yield, out var text) || text.Length == 0)
            return CrowdPolicy.Auto;
        return text.ToUpperInvariant() switch
        {
            "AUTO" => CrowdPolicy.Auto,
            "ALWAYS" => CrowdPolicy.Always,
            "NEVER" => CrowdPolicy.Never,
            _ => throw new MpiException($"{Yield}={text} is none of auto, always and never: set it to one of them or unset it.",
                "MpiEnvironment.Initialize"),
        };
    }
}
