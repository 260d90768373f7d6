using System.Globalization;
using HpcTrain.CommandLine;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Topo;

/// <summary>A topology as command lines name it: a file of any kind, or a built-in with its parameters; and the ranks that a job got of it.</summary>
internal static class TopologySource
{
    /// <summary>Loads a topology.</summary>
    /// <param name="nameOrFile">A file that exists, or a built-in such as <c>fat-tree:k=16</c>.</param>
    /// <param name="allocation">Ranks and ranges of them, <c>0-3,6</c>, in the order in which they are to be numbered; null: all.</param>
    /// <exception cref="UsageException">There is neither such a file nor such a built-in, or the allocation cannot be read.</exception>
    /// <exception cref="TopologyException">The file is wrong, a parameter is, or the allocation names ranks that do not exist.</exception>
    internal static LinkGraph Load(string nameOrFile, string? allocation)
    {
        LinkGraph graph = File.Exists(nameOrFile) ? TopologyFile.Load(nameOrFile) : BuiltIn(nameOrFile);
        return allocation is null ? graph : graph.Allocate(Ranks(allocation));
    }

    private static LinkGraph BuiltIn(string text)
    {
        var name = text.Split(':')[0];
        if (BuiltInTopologies.Find(name) is not null)
            return BuiltInTopologies.Create(text);
        var known = BuiltInTopologies.All.Select(family => family.Name).ToArray();
        var meant = NearestName.Find(name, known) is { } near ? $" (did you mean '{near}'?)" : "";
        throw new UsageException($"there is no file and no built-in topology '{text}'{meant}; built in are {string.Join(", ", known)}");
    }

    private static List<int> Ranks(string allocation)
    {
        var ranks = new List<int>();
        foreach (var part in allocation.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !TryRank(ends[0], out var first) || !TryRank(ends[^1], out var last) || last < first)
                throw new UsageException($"--allocation lists ranks and ranges such as 0-3,6; '{part}' is neither");
            ranks.AddRange(Enumerable.Range(first, last - first + 1));
        }
        return ranks;
    }

    private static bool TryRank(string text, out int rank) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out rank) && rank <= 1 << 20;
}
