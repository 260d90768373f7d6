using System.Globalization;
using System.Text;
using HpcTrain.CommandLine;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Topo;

/// <summary>What a word of the command line means where a topology is asked for.</summary>
internal static class TopologySource
{
    /// <summary>What can be given for a topology, for help texts.</summary>
    public const string Help = "A topology file (JSON, NCCL or hwloc XML, nvidia-smi topo -m, Slurm), or a built-in one such as dgx1v or fat-tree:k=16.";

    /// <summary>What can be given for an allocation, for help texts.</summary>
    public const string AllocationHelp = "The ranks that a job got, as 0,1,4,5 or 0-3,6; they are renumbered in this order.";

    /// <summary>The topology of a file, where there is one of that name, else the built-in one, cut down to an allocation.</summary>
    /// <param name="nameOrFile">A file of any kind, or a name with parameters.</param>
    /// <param name="allocation">Ranks and ranges of them, with commas between; null for all.</param>
    /// <exception cref="UsageException">There is neither such a file nor such a name, a parameter is wrong, or the allocation is.</exception>
    /// <exception cref="TopologyException">The file cannot be used.</exception>
    internal static LinkGraph Load(string nameOrFile, string? allocation)
    {
        var graph = Whole(nameOrFile);
        return allocation is null ? graph : OrUsage(() => graph.Allocate(Ranks(allocation, graph)));
    }

    /// <summary>The built-in topologies with their parameters, for help texts; ends in a new line.</summary>
    internal static string BuiltIns()
    {
        var text = new StringBuilder("Built-in topologies, with defaults:\n");
        foreach (var family in BuiltInTopologies.All)
        {
            var parameters = string.Join(',', family.Parameters.Select(parameter => $"{parameter.Name}={parameter.Default}"));
            text.Append($"  {family.Name}:{parameters}\n      {family.Description}\n");
        }
        return text.ToString();
    }

    private static LinkGraph Whole(string nameOrFile)
    {
        if (File.Exists(nameOrFile))
            return TopologyFile.Load(nameOrFile);
        if (Directory.Exists(nameOrFile))
            throw new UsageException($"'{nameOrFile}' is a folder; name a topology file in it");
        var name = nameOrFile.Split(':')[0].Trim();
        if (BuiltInTopologies.Find(name) is not null)
            return OrUsage(() => BuiltInTopologies.Create(nameOrFile));
        if (nameOrFile.Contains('/') || Path.HasExtension(name))
            throw new UsageException($"there is no topology file '{nameOrFile}'");
        var known = BuiltInTopologies.All.Select(family => family.Name).ToArray();
        var meant = NearestName.Find(name, known) is { } near ? $"; did you mean '{near}'? The built-in ones are" : "; the built-in ones are";
        throw new UsageException($"'{nameOrFile}' is neither a file nor a built-in topology{meant} {string.Join(", ", known)}");
    }

    private static List<int> Ranks(string allocation, LinkGraph graph)
    {
        var ranks = new List<int>();
        foreach (var word in allocation.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = word.Split('-');
            if (ends.Length > 2 || !TryRank(ends[0], out var first) || !TryRank(ends[^1], out var last) || last < first)
                throw new UsageException($"'{word}' in --allocation {allocation} is neither a rank nor a range of ranks; an allocation is 0,1,4,5 or 0-3,6");
            if (last >= graph.Ranks) // before a range of any length becomes a list
                throw new UsageException($"there is no rank {last} in topology '{graph.Name}'; its ranks are numbered from 0 to {graph.Ranks - 1}");
            ranks.AddRange(Enumerable.Range(first, last - first + 1));
        }
        return ranks;
    }

    private static bool TryRank(string text, out int rank) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out rank);

    /// <summary>Does what only the command line can be to blame for when it fails.</summary>
    private static LinkGraph OrUsage(Func<LinkGraph> action)
    {
        try
        {
            return action();
        }
        catch (TopologyException error)
        {
            throw new UsageException(error.Message);
        }
    }
}
