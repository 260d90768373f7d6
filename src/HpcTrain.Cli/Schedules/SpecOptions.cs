using CommandLine;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Schedules;

/// <summary>The options that say what a schedule is asked for.</summary>
internal abstract class SpecOptions : CommandOptions
{
    /// <summary>A ring of so many ranks has two million instructions.</summary>
    private const int MostRanks = 1024;

    [Option("collective", MetaValue = "NAME", HelpText =
        "allreduce, reduce-scatter, allgather, reduce, broadcast, gather, scatter, all-to-all or barrier.")]
    public string? Collective { get; set; }

    [Option("ranks", MetaValue = "N", HelpText = "The number of ranks, 1 to 1024.")]
    public int? Ranks { get; set; }

    [Option("nodes", MetaValue = "MAP", HelpText =
        "Which ranks share a node, for hierarchies: 2x4 (2 nodes of 4), 4,4,2 (ranks per node) or /0,0,1,1 (the node of each rank).")]
    public string? Nodes { get; set; }

    protected static CollectiveKind ParseCollective(string name)
    {
        if (CollectiveKinds.TryParse(name, out var kind))
            return kind;
        var known = string.Join(", ", CollectiveKinds.Names);
        throw new UsageException(NearestName.Find(name, CollectiveKinds.Names) is { } near
            ? $"there is no collective '{name}'; did you mean '{near}'? The collectives are {known}"
            : $"there is no collective '{name}'; the collectives are {known}");
    }

    /// <summary>The spec for a collective, with the root as given.</summary>
    protected ScheduleSpec Spec(CollectiveKind kind, int ranks, int root)
    {
        if (ranks is < 1 or > MostRanks)
            throw new UsageException($"--ranks must be 1 to {MostRanks}, not {ranks}");
        return OrUsage(() => new ScheduleSpec(kind, ranks) { Root = root, Nodes = Nodes is null ? null : NodeMap.Parse(Nodes, ranks) });
    }

    /// <summary>The value of <c>--out</c>, which must not be empty.</summary>
    public static string FileName(string text) => text.Length > 0 ? text : throw new UsageException("--out names no file");

    /// <summary>Does what only the command line can be to blame for when it fails: no file has been read, or it has been found right.</summary>
    public static T OrUsage<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (ScheduleException error)
        {
            throw new UsageException(error.Message);
        }
    }
}
