namespace HpcTrain.Topology;

/// <summary>Switches over switches over nodes, as Slurm knows them, on their way to a link graph.</summary>
internal sealed class SwitchTree(string file)
{
    private const string NoSwitch = "network";

    private const int MostLevels = 64;

    private static readonly Rational s_nodeRate = new(25, 2);

    private readonly List<string> _nodes = [];
    private readonly HashSet<string> _knownNodes = [];
    private readonly Dictionary<string, Switch> _switches = [];

    /// <summary>Adds a switch with what is directly below it.</summary>
    public void Add(string name, IReadOnlyList<string> nodes, IReadOnlyList<string> switches, int line)
    {
        if (_switches.TryGetValue(name, out Switch? before))
            throw new TopologyException(file, line, $"Switch {name} is described twice; first in line {before.Line}.");
        Switch added = _switches[name] = new(line);
        foreach (string below in switches)
        {
            if (!added.Switches.Add(below))
                throw new TopologyException(file, line, $"Switch {name} names switch {below} twice.");
        }

        foreach (string node in nodes)
        {
            if (!added.Nodes.Add(node))
                throw new TopologyException(file, line, $"Switch {name} names node {node} twice.");
            AddNode(node);
        }
    }

    /// <summary>Adds the way to a node: the switches of each level from the top, then the node. A node may come again by the same way.</summary>
    public void AddPath(IReadOnlyList<string>[] levels, int line)
    {
        string node = levels[^1][0];
        AddNode(node);
        for (int level = 0; level < levels.Length - 1; level++)
        {
            foreach (string name in levels[level])
            {
                if (!_switches.TryGetValue(name, out Switch? here))
                    here = _switches[name] = new(line);
                if (level == levels.Length - 2)
                    here.Nodes.Add(node);
                else
                    here.Switches.UnionWith(levels[level + 1]);
            }
        }

        if (levels.Length == 1)
        {
            _switches.TryAdd(NoSwitch, new(line));
            _switches[NoSwitch].Nodes.Add(node);
        }
    }

    /// <summary>The graph: nodes in the order in which they came are ranks, each in a box of its own.</summary>
    public LinkGraph ToGraph()
    {
        if (_nodes.Count == 0)
        {
            throw new TopologyException(file, 1,
                "There is no node; lines such as 'SwitchName=leaf1 Nodes=node[1-4]' or 'SLURM_TOPOLOGY_ADDR=spine.leaf1.node1' are expected.");
        }

        foreach ((string name, Switch here) in _switches)
        {
            if (_knownNodes.Contains(name))
                throw new TopologyException(file, here.Line, $"Switch {name} has the name of a node; names are unique.");
            if (here.Switches.FirstOrDefault(below => !_switches.ContainsKey(below)) is { } unknown)
                throw new TopologyException(file, here.Line, $"Switch {name} names switch {unknown}, which no line describes.");
        }

        var graph = new GraphAssembly();
        Dictionary<string, int> nodes = _nodes.Index().ToDictionary(node => node.Item, node => graph.Add(NodeKind.Rank, node.Item, node.Index));
        Dictionary<string, int> switches = _switches.Keys.ToDictionary(name => name, name => graph.Add(NodeKind.Switch, name, -1));
        ILookup<string, string> above = Above(here => here.Switches), leaves = Above(here => here.Nodes);
        foreach (string node in _nodes)
        {
            foreach (string leaf in leaves[node])
                graph.Connect(nodes[node], switches[leaf], s_nodeRate);
        }

        // What leads up from a switch: all that the nodes below it can send.
        foreach ((string name, Switch here) in _switches)
        {
            Rational up = s_nodeRate * NodesBelow(name, []).Count;
            foreach (string over in above[name])
            {
                if (up.Sign > 0)
                    graph.Connect(switches[name], switches[over], up / above[name].Count());
            }
        }

        return graph.ToGraph(file);
    }

    // The switches directly above each of what is below them.
    private ILookup<string, string> Above(Func<Switch, IEnumerable<string>> below) =>
        _switches.SelectMany(pair => below(pair.Value).Select(name => (Name: name, Over: pair.Key))).ToLookup(pair => pair.Name, pair => pair.Over);

    private void AddNode(string node)
    {
        if (_knownNodes.Add(node))
            _nodes.Add(node);
    }

    private HashSet<string> NodesBelow(string name, HashSet<string> path)
    {
        Switch here = _switches[name];
        if (here.NodesBelow is { } known)
            return known;
        if (!path.Add(name))
            throw new TopologyException(file, here.Line, $"Switch {name} is below itself.");
        if (path.Count > MostLevels)
            throw new TopologyException(file, here.Line, $"Switch {name} is more than {MostLevels} levels below the top.");
        HashSet<string> nodes = [.. here.Nodes];
        foreach (string below in here.Switches)
            nodes.UnionWith(NodesBelow(below, path));
        path.Remove(name);
        return here.NodesBelow = nodes;
    }

    private sealed class Switch(int line)
    {
        public int Line => line;

        public HashSet<string> Nodes { get; } = [];

        public HashSet<string> Switches { get; } = [];

        public HashSet<string>? NodesBelow { get; set; }
    }
}
