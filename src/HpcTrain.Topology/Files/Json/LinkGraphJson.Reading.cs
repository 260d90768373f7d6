using System.Globalization;

namespace HpcTrain.Topology;

/// <content>Reading.</content>
public static partial class LinkGraphJson
{
    /// <summary>Reads a topology.</summary>
    /// <param name="text">What stands in the file.</param>
    /// <param name="name">What the file is called: in errors, and the graph if the file names none.</param>
    /// <exception cref="TopologyException">It is not JSON, or something in it is wrong: the message names the line and what was expected.</exception>
    public static LinkGraph Read(string text, string name) => Read(JsonPlace.Parse(text, name), name);

    /// <summary>Reads a topology that is part of another file.</summary>
    internal static LinkGraph Read(JsonPlace file, string name)
    {
        file.CheckNames("$schema", "name", "ranks", "nics", "switches", "hosts", "nodes", "links");
        _ = file.Optional("$schema")?.Text();
        var nodes = new List<LinkNode>();
        var numbers = new Dictionary<string, int>();
        void Add(LinkNode node, JsonPlace place)
        {
            if (!numbers.TryAdd(node.Name, nodes.Count))
                throw place.Wrong($"There are two nodes of the name '{node.Name}'");
            nodes.Add(node);
        }

        foreach ((LinkNode node, JsonPlace place) in ReadRanks(file["ranks"]))
            Add(node, place);
        int ranks = nodes.Count;
        foreach ((string list, NodeKind kind) in s_lists)
        {
            foreach (JsonPlace place in file.Optional(list)?.Items ?? [])
                Add(ReadNode(place, kind), place);
        }

        foreach (JsonPlace place in file.Optional("nodes")?.Items ?? [])
            Add(ReadNode(place, null), place);
        var links = new LinkList(nodes, numbers, ranks);
        foreach (JsonPlace place in file["links"].Items)
            links.Add(place);
        return new(file.Optional("name")?.Text() ?? name, nodes, links.Links);
    }

    private static IEnumerable<(LinkNode Node, JsonPlace Place)> ReadRanks(JsonPlace ranks)
    {
        if (ranks.IsArray)
        {
            if (ranks.Items.Count == 0)
                throw ranks.Wrong("At least one rank is needed");
            return ranks.Items.Select(place => (ReadNode(place, NodeKind.Rank), place));
        }

        if (!ranks.IsNumber)
            throw ranks.Wrong("A number of ranks or an array of them is expected");
        int count = ranks.Integer();
        if (count is < 1 or > MostRanks)
            throw ranks.Wrong($"{count} ranks are not possible; 1 to {MostRanks} are");
        return Enumerable.Range(0, count).Select(rank => (new LinkNode(NodeKind.Rank, RankName(rank)), ranks));
    }

    private static LinkNode ReadNode(JsonPlace place, NodeKind? kind)
    {
        if (place.IsText && kind is { } plain)
            return new(plain, place.Text(), UsualBox(plain));
        if (kind == null)
            place.CheckNames("name", "kind", "box");
        else
            place.CheckNames("name", "box");
        NodeKind actual = kind ?? ReadKind(place["kind"]);
        int box = place.Optional("box")?.Integer() ?? UsualBox(actual);
        return box >= -1 ? new(actual, place["name"].Text(), box) : throw place["box"].Wrong("A box is numbered from 0; -1 is outside of boxes");
    }

    private static NodeKind ReadKind(JsonPlace place) =>
        s_kinds.TryGetValue(place.Text(), out NodeKind kind) ? kind : throw place.Wrong($"'{place.Text()}' is not one of {string.Join(", ", s_kinds.Keys)}");

    private static double ReadLatency(JsonPlace place)
    {
        if (!place.IsNumber)
            throw place.Wrong("A number of microseconds is expected");
        double seconds = MicrosecondsToSeconds(place.Raw);
        return double.IsFinite(seconds) && seconds >= 0 ? seconds : throw place.Wrong($"A latency of {place.Raw} us is not possible; it needs to be 0 or more");
    }

    // The point is moved in the text, so that every double can be written and read back.
    private static double MicrosecondsToSeconds(string text)
    {
        int letter = text.IndexOfAny(['e', 'E']);
        string digits = letter < 0 ? text : text[..letter];
        if (!int.TryParse(letter < 0 ? "0" : text[(letter + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int exponent))
            return double.NaN;
        return double.Parse($"{digits}e{(long)exponent - 6}", CultureInfo.InvariantCulture);
    }

    /// <summary>The links of a file, each checked where it stands.</summary>
    private sealed class LinkList(List<LinkNode> nodes, Dictionary<string, int> numbers, int ranks)
    {
        private readonly HashSet<(int From, int To)> _known = [];

        public List<Link> Links { get; } = [];

        public void Add(JsonPlace place)
        {
            place.CheckNames("from", "to", "bandwidth", "both", "latency_us", "name");
            (int from, int to) = (ReadEnd(place["from"]), ReadEnd(place["to"]));
            if (from == to)
                throw place.Wrong($"The link from {nodes[from].Name} to itself is not possible; a link joins two nodes");
            JsonPlace bandwidth = place["bandwidth"];
            if (!(bandwidth.IsNumber || bandwidth.IsText) || !Rational.TryParse(bandwidth.Raw, out Rational rate))
                throw bandwidth.Wrong("A bandwidth is expected, in GB/s: 25.5, or a fraction as text, \"24/7\"");
            if (rate.Sign <= 0)
                throw bandwidth.Wrong($"A bandwidth of {bandwidth.Raw} GB/s is not possible; it needs to be more than 0");
            double latency = place.Optional("latency_us") is { } given ? ReadLatency(given) : 0;
            string name = place.Optional("name")?.Text() ?? "";
            Add(new(from, to, rate, latency, name), place);
            if (place.Optional("both")?.Boolean() == true)
                Add(new(to, from, rate, latency, name), place);
        }

        private void Add(Link link, JsonPlace place)
        {
            if (!_known.Add((link.From, link.To)))
                throw place.Wrong($"There is another link from {nodes[link.From].Name} to {nodes[link.To].Name}; add up their bandwidths in one");
            Links.Add(link);
        }

        private int ReadEnd(JsonPlace place)
        {
            if (place.IsText)
                return numbers.TryGetValue(place.Text(), out int node) ? node : throw place.Wrong($"There is no node '{place.Text()}'");
            if (!place.IsNumber)
                throw place.Wrong("The number of a rank or the name of a node is expected");
            int rank = place.Integer();
            return (uint)rank < (uint)ranks ? rank : throw place.Wrong($"There is no rank {rank}; ranks are numbered from 0 to {ranks - 1}");
        }
    }
}
