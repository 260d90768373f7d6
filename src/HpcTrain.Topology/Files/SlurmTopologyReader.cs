using System.Text.RegularExpressions;

namespace HpcTrain.Topology;

/// <summary>
/// Reads how Slurm says that nodes are connected: a <c>topology.conf</c> with <c>SwitchName=</c> lines, or what a job's tasks have in
/// <c>SLURM_TOPOLOGY_ADDR</c> and <c>SLURM_TOPOLOGY_ADDR_PATTERN</c>, as <c>srun env | grep SLURM_TOPOLOGY</c> prints it.
///
/// Every node is one rank. Slurm knows no rates, so a link of a node is taken to carry 12.5 GB/s (100 Gbit/s), and a switch to lead up as much as all nodes below
/// it can send, shared equally among the switches above it. <c>LinkSpeed</c> has no unit and is not used.
/// </summary>
public static partial class SlurmTopologyReader
{
    private const string Address = "SLURM_TOPOLOGY_ADDR", Pattern = "SLURM_TOPOLOGY_ADDR_PATTERN";

    /// <summary>Reads a file.</summary>
    /// <param name="text">What stands in it.</param>
    /// <param name="name">What it is called: in errors, and the graph.</param>
    /// <exception cref="TopologyException">It is not of either form: the message names the line and what was expected.</exception>
    public static LinkGraph Read(string text, string name) =>
        text.Contains(Address, StringComparison.Ordinal) ? ReadAddresses(text, name) : ReadConfiguration(text, name);

    /// <summary>Whether a line of a file is one that this reader is for.</summary>
    internal static bool IsKnown(string line) => Switch().IsMatch(line) || Variable().IsMatch(line);

    private static LinkGraph ReadConfiguration(string text, string name)
    {
        var tree = new SwitchTree(name);
        string statement = "";
        int number = 0, first = 1;
        foreach (string line in text.Split('\n'))
        {
            number++;
            if (statement.Length == 0)
                first = number;
            string part = line.Split('#')[0].TrimEnd();
            if (part.EndsWith('\\'))
            {
                statement += part[..^1] + " ";
                continue;
            }

            statement = (statement + part).Trim();
            if (statement.Length > 0)
                ReadStatement(tree, statement, first, name);
            statement = "";
        }

        if (statement.Length > 0)
            throw new TopologyException(name, number, "The file ends in the middle of a line that is to go on.");
        return tree.ToGraph();
    }

    private static void ReadStatement(SwitchTree tree, string statement, int line, string file)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string word in statement.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = word.Split('=', 2);
            if (pair.Length != 2 || pair[1].Length == 0)
                throw new TopologyException(file, line, $"'{word}' is not of the form Key=value.");
            if (pair[0].StartsWith("Block", StringComparison.OrdinalIgnoreCase))
                throw new TopologyException(file, line, $"{pair[0]} belongs to Slurm's topology/block, which has no switches; SwitchName is expected.");
            if (!values.TryAdd(pair[0], pair[1]))
                throw new TopologyException(file, line, $"{pair[0]} is given twice.");
            if (pair[0].ToUpperInvariant() is not ("SWITCHNAME" or "NODES" or "SWITCHES" or "LINKSPEED"))
                throw new TopologyException(file, line, $"'{pair[0]}' is not known; the keys here are SwitchName, Nodes, Switches, LinkSpeed.");
        }

        if (!values.TryGetValue("SwitchName", out string? name))
            throw new TopologyException(file, line, "SwitchName is missing.");
        if (!values.ContainsKey("Nodes") && !values.ContainsKey("Switches"))
            throw new TopologyException(file, line, $"Switch {name} needs Nodes or Switches.");
        tree.Add(name, Expand(values.GetValueOrDefault("Nodes"), line, file), Expand(values.GetValueOrDefault("Switches"), line, file), line);
    }

    // An address leads from the top switch to the node: spine.leaf1.node1. Several switches of a level stand as one expression. The patterns tell how many
    // levels there are; nodes of one job may differ in that.
    private static LinkGraph ReadAddresses(string text, string name)
    {
        (int Line, string Variable, string Value)[] settings = [.. text.Split('\n').Index()
            .Select(line => (Line: line.Index + 1, Match: Variable().Match(line.Item.Trim()))).Where(line => line.Match.Success)
            .Select(line => (line.Line, line.Match.Groups[1].Value, line.Match.Groups[2].Value.Trim('"', '\'')))];
        var depths = new HashSet<int>();
        foreach ((int line, _, string value) in settings.Where(setting => setting.Variable == Pattern))
        {
            if (!NodePattern().IsMatch(value))
                throw new TopologyException(name, line, $"'{value}' is not a pattern such as switch.switch.node.");
            depths.Add(value.Split('.').Length);
        }

        var tree = new SwitchTree(name);
        foreach ((int line, _, string value) in settings.Where(setting => setting.Variable == Address))
        {
            string[] levels = value.Split('.');
            if (levels.Any(level => level.Length == 0))
                throw new TopologyException(name, line, $"'{value}' is not an address such as spine.leaf1.node1.");
            if (depths.Count > 0 && !depths.Contains(levels.Length))
                throw new TopologyException(name, line, $"'{value}' has {levels.Length} levels, which no {Pattern} of the file has.");
            IReadOnlyList<string>[] names = [.. levels.Select(level => Expand(level, line, name))];
            if (names[^1].Count != 1)
                throw new TopologyException(name, line, $"'{value}' ends in {names[^1].Count} nodes; one is expected.");
            tree.AddPath(names, line);
        }

        return tree.ToGraph();
    }

    private static IReadOnlyList<string> Expand(string? expression, int line, string file)
    {
        try
        {
            return expression == null ? [] : HostList.Expand(expression);
        }
        catch (TopologyException error)
        {
            throw new TopologyException(file, line, error.Message);
        }
    }

    [GeneratedRegex(@"^\s*(SwitchName|BlockName)\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex Switch();

    [GeneratedRegex(@"^(?:\d+:\s*)?(?:export\s+|declare\s+-x\s+)?(SLURM_TOPOLOGY_ADDR(?:_PATTERN)?)=(.*)$")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^(switch\.)*node$")]
    private static partial Regex NodePattern();
}
