using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HpcTrain.Topology;

/// <summary>
/// Nodes and the directed links between them: what collectives are planned for. Ranks are the nodes 0 to <see cref="Ranks"/> - 1; then come those that data
/// only pass through. At most one link leads from a node to another. It does not change.
/// </summary>
public sealed class LinkGraph
{
    private readonly ImmutableArray<Link>[] _out;
    private readonly ImmutableArray<Link>[] _in;

    /// <summary>Takes nodes and links.</summary>
    /// <param name="name">What the topology is called in reports: a file, or <c>dgx1v</c>.</param>
    /// <param name="nodes">The nodes: ranks first, at least one.</param>
    /// <param name="links">The links, in any order.</param>
    /// <exception cref="TopologyException">No rank, a node without a name of its own, an unknown node, two links between the same nodes, a bandwidth that is not positive.</exception>
    public LinkGraph(string name, IEnumerable<LinkNode> nodes, IEnumerable<Link> links)
    {
        Name = name;
        Nodes = [.. nodes];
        Links = [.. links.OrderBy(link => link.From).ThenBy(link => link.To)];
        Ranks = Nodes.TakeWhile(node => !node.IsTransit).Count();
        if (Ranks == 0 || Nodes.Skip(Ranks).Any(node => !node.IsTransit))
            throw new TopologyException($"Topology '{name}' needs at least one rank, and ranks before all other nodes.");
        if (Nodes.GroupBy(node => node.Name).FirstOrDefault(group => group.Count() > 1) is { } twins)
            throw new TopologyException($"Topology '{name}' has {twins.Count()} nodes of the name '{twins.Key}'; names are unique.");
        for (int i = 0; i < Links.Length; i++)
            Check(Links[i], i > 0 ? Links[i - 1] : null);
        ILookup<int, Link> leaving = Links.ToLookup(link => link.From), entering = Links.ToLookup(link => link.To);
        _out = [.. Nodes.Select((_, node) => leaving[node].ToImmutableArray())];
        _in = [.. Nodes.Select((_, node) => entering[node].ToImmutableArray())];
    }

    /// <summary>What it is called in reports.</summary>
    public string Name { get; }

    /// <summary>All nodes: ranks first.</summary>
    public ImmutableArray<LinkNode> Nodes { get; }

    /// <summary>All links, ordered by their ends.</summary>
    public ImmutableArray<Link> Links { get; }

    /// <summary>The number of ranks.</summary>
    public int Ranks { get; }

    /// <summary>A number that tells topologies apart, whatever they are called: 16 hexadecimal digits of a hash of ranks, kinds, links and bandwidths.</summary>
    public string Fingerprint
    {
        get
        {
            var text = new StringBuilder();
            foreach (LinkNode node in Nodes)
                text.Append(node.Kind).Append(';');
            foreach (Link link in Links)
                text.Append(CultureInfo.InvariantCulture, $"{link.From}>{link.To}:{link.Bandwidth};");
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 8));
        }
    }

    /// <summary>The links that leave a node.</summary>
    public ImmutableArray<Link> LinksFrom(int node) => _out[node];

    /// <summary>The links that enter a node.</summary>
    public ImmutableArray<Link> LinksTo(int node) => _in[node];

    /// <summary>The link from a node to another, or null.</summary>
    public Link? LinkBetween(int from, int to) => _out[from].FirstOrDefault(link => link.To == to);

    /// <summary>Whether a link of the graph is one half of a two-way link: the other leads back with the same bandwidth, latency and name.</summary>
    public bool IsTwoWay(Link link) => LinkBetween(link.To, link.From) is { } back && back with { From = link.From, To = link.To } == link;

    /// <summary>How many links there are, in words, for reports; two halves are one two-way link: <c>16 two-way links, 1 one-way link</c>.</summary>
    public string CountLinks()
    {
        int halves = Links.Count(IsTwoWay);
        string[] words = [.. new[] { (Count: halves / 2, Sort: "two-way"), (Count: Links.Length - halves, Sort: "one-way") }
            .Where(some => some.Count > 0).Select(some => $"{some.Count} {some.Sort} {(some.Count == 1 ? "link" : "links")}")];
        return words.Length > 0 ? string.Join(", ", words) : "no link";
    }

    /// <summary>The number of a node by its name, or -1.</summary>
    public int Find(string name)
    {
        for (int node = 0; node < Nodes.Length; node++)
        {
            if (Nodes[node].Name == name)
                return node;
        }

        return -1;
    }

    /// <summary>
    /// What a job that got some of the ranks has of the topology: these ranks, renumbered in the given order, all other nodes, and the links among them.
    /// </summary>
    /// <param name="ranks">The ranks: numbers of this graph, each once.</param>
    /// <exception cref="TopologyException">A rank is unknown or named twice, or none is.</exception>
    public LinkGraph Allocate(IReadOnlyList<int> ranks)
    {
        if (ranks.Count == 0)
            throw new TopologyException($"An allocation of topology '{Name}' needs at least one rank.");
        var numbers = new Dictionary<int, int>();
        foreach (int rank in ranks)
        {
            if ((uint)rank >= (uint)Ranks)
                throw new TopologyException($"There is no rank {rank} in topology '{Name}'; its ranks are numbered from 0 to {Ranks - 1}.");
            if (!numbers.TryAdd(rank, numbers.Count))
                throw new TopologyException($"Rank {rank} is named twice in the allocation {string.Join(',', ranks)}.");
        }

        for (int node = Ranks; node < Nodes.Length; node++)
            numbers.Add(node, numbers.Count);
        return new(
            ranks.Count == Ranks && ranks.SequenceEqual(Enumerable.Range(0, Ranks)) ? Name : $"{Name}[{string.Join(',', ranks)}]",
            numbers.OrderBy(pair => pair.Value).Select(pair => Nodes[pair.Key]),
            Links.Where(link => numbers.ContainsKey(link.From) && numbers.ContainsKey(link.To)).Select(link => link with { From = numbers[link.From], To = numbers[link.To] }));
    }

    /// <summary>The ranks that cannot be reached from a rank, in ascending order.</summary>
    public IReadOnlyList<int> UnreachableFrom(int rank)
    {
        var seen = new bool[Nodes.Length];
        var open = new Stack<int>([rank]);
        seen[rank] = true;
        while (open.TryPop(out int node))
        {
            foreach (Link link in _out[node])
            {
                if (!seen[link.To])
                {
                    seen[link.To] = true;
                    open.Push(link.To);
                }
            }
        }

        return [.. Enumerable.Range(0, Ranks).Where(other => !seen[other])];
    }

    private void Check(Link link, Link? before)
    {
        if ((uint)link.From >= (uint)Nodes.Length || (uint)link.To >= (uint)Nodes.Length)
            throw new TopologyException($"Topology '{Name}' has a link from node {link.From} to node {link.To}; its nodes are numbered from 0 to {Nodes.Length - 1}.");
        string ends = $"from {Nodes[link.From].Name} to {Nodes[link.To].Name}";
        if (link.From == link.To)
            throw new TopologyException($"Topology '{Name}' has a link {ends}; a link joins two nodes.");
        if (before != null && (before.From, before.To) == (link.From, link.To))
            throw new TopologyException($"Topology '{Name}' has two links {ends}; add up their bandwidths in one.");
        if (link.Bandwidth.Sign <= 0)
            throw new TopologyException($"The link {ends} of topology '{Name}' has bandwidth {link.Bandwidth} GB/s; it needs to be more than 0.");
        if (!(link.LatencySeconds >= 0 && double.IsFinite(link.LatencySeconds)))
            throw new TopologyException($"The link {ends} of topology '{Name}' has latency {link.LatencySeconds} s; it needs to be 0 or more.");
    }
}
