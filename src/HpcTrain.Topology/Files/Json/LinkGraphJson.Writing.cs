using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace HpcTrain.Topology;

/// <summary>
/// Link graphs as JSON files of the form that <see cref="Schema"/> tells. The least is
/// <c>{"ranks": 2, "links": [{"from": 0, "to": 1, "bandwidth": 25.0, "both": true}]}</c>: links lead one way unless <c>both</c>, and bandwidths are exact, in GB/s.
/// </summary>
/// <example>
/// <code>
/// {
///   "name": "two boxes",
///   "ranks": [{"name": "box0.gpu0"}, {"name": "box1.gpu0", "box": 1}],
///   "nics": [{"name": "box0.mlx5_0"}, {"name": "box1.mlx5_0", "box": 1}],
///   "switches": ["leaf"],                                                  // outside of boxes
///   "links": [
///     {"from": 0, "to": "box0.mlx5_0", "bandwidth": "1024/65", "both": true, "name": "PCIe 3 x16"},
///     {"from": "box0.mlx5_0", "to": "leaf", "bandwidth": 12.5, "latency_us": 1.5, "both": true},
///     ...
/// </code>
/// </example>
public static partial class LinkGraphJson
{
    private const int MostRanks = 1 << 20;

    private static readonly (string List, NodeKind Kind)[] s_lists = [("nics", NodeKind.Nic), ("switches", NodeKind.Switch), ("hosts", NodeKind.Host)];

    private static readonly Dictionary<string, NodeKind> s_kinds = new() { ["nic"] = NodeKind.Nic, ["switch"] = NodeKind.Switch, ["host"] = NodeKind.Host };

    // Names are read by people: letters of all languages stay as they are.
    private static readonly JsonSerializerOptions s_text = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON schema of the files.</summary>
    public static string Schema { get; } = ReadSchema();

    /// <summary>A graph as JSON, one line per link. Reading it gives an equal graph.</summary>
    public static string Write(LinkGraph graph)
    {
        var text = new StringBuilder();
        text.Append("{\n  \"name\": ").Append(Quote(graph.Name)).Append(",\n  \"ranks\": ");
        LinkNode[] ranks = [.. graph.Nodes.Take(graph.Ranks)], others = [.. graph.Nodes.Skip(graph.Ranks)];
        if (ranks.Index().All(rank => rank.Item.Name == RankName(rank.Index) && rank.Item.Box == 0))
            text.Append(CultureInfo.InvariantCulture, $"{ranks.Length}");
        else
            AppendList(text, ranks.Select(node => Describe(node, isKindKnown: true)));

        // Nodes keep their numbers: lists by kind are for graphs whose nodes stand in the order of these lists.
        if (others.Select(node => node.Kind).SequenceEqual(others.Select(node => node.Kind).Order()))
        {
            foreach ((string list, NodeKind kind) in s_lists.Where(list => others.Any(node => node.Kind == list.Kind)))
            {
                text.Append(",\n  \"").Append(list).Append("\": ");
                AppendList(text, others.Where(node => node.Kind == kind).Select(node => Describe(node, isKindKnown: true)));
            }
        }
        else
        {
            text.Append(",\n  \"nodes\": ");
            AppendList(text, others.Select(node => Describe(node, isKindKnown: false)));
        }

        text.Append(",\n  \"links\": ");
        Dictionary<(int From, int To), Link> known = graph.Links.ToDictionary(link => (link.From, link.To));
        bool LeadsBothWays(Link link) => known.TryGetValue((link.To, link.From), out Link? back) && link with { From = back.From, To = back.To } == back;
        AppendList(text, graph.Links.Where(link => link.From < link.To || !LeadsBothWays(link)).Select(link => Describe(graph, link, LeadsBothWays(link))));
        return text.Append("\n}\n").ToString();
    }

    private static void AppendList(StringBuilder text, IEnumerable<string> items) =>
        text.Append('[').AppendJoin(',', items.Select(item => $"\n    {item}")).Append("\n  ]");

    private static string Describe(LinkNode node, bool isKindKnown)
    {
        string kind = isKindKnown ? "" : $", \"kind\": \"{s_kinds.First(pair => pair.Value == node.Kind).Key}\"";
        string box = node.Box == UsualBox(node.Kind) ? "" : string.Create(CultureInfo.InvariantCulture, $", \"box\": {node.Box}");
        return kind.Length + box.Length == 0 ? Quote(node.Name) : $"{{\"name\": {Quote(node.Name)}{kind}{box}}}";
    }

    private static string Describe(LinkGraph graph, Link link, bool leadsBothWays)
    {
        string both = leadsBothWays ? ", \"both\": true" : "";
        string latency = link.LatencySeconds == 0 ? "" : $", \"latency_us\": {Microseconds(link.LatencySeconds)}";
        string name = link.Name.Length == 0 ? "" : $", \"name\": {Quote(link.Name)}";
        return $"{{\"from\": {End(graph, link.From)}, \"to\": {End(graph, link.To)}, \"bandwidth\": {Number(link.Bandwidth)}{latency}{both}{name}}}";
    }

    private static string End(LinkGraph graph, int node) => node < graph.Ranks ? node.ToString(CultureInfo.InvariantCulture) : Quote(graph.Nodes[node].Name);

    // A decimal where that is exact, else a fraction.
    private static string Number(Rational value)
    {
        int digits = 0;
        Rational scaled = value;
        while (!scaled.IsInteger && digits < 20)
        {
            scaled *= 10;
            digits++;
        }

        if (!scaled.IsInteger)
            return $"\"{value}\"";
        string number = BigInteger.Abs(scaled.Numerator).ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        return digits == 0 ? number : $"{number[..^digits]}.{number[^digits..]}";
    }

    private static string Microseconds(double seconds)
    {
        foreach (string format in new[] { "G15", "R" }) // 5.8, not 5.8000000000000004
        {
            if ((seconds * 1e6).ToString(format, CultureInfo.InvariantCulture) is var simple && MicrosecondsToSeconds(simple) == seconds)
                return simple;
        }

        string[] parts = seconds.ToString("E16", CultureInfo.InvariantCulture).Split('E');
        return string.Create(CultureInfo.InvariantCulture, $"{parts[0]}e{int.Parse(parts[1], CultureInfo.InvariantCulture) + 6}");
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text, s_text);

    private static string RankName(int rank) => string.Create(CultureInfo.InvariantCulture, $"rank{rank}");

    private static int UsualBox(NodeKind kind) => kind == NodeKind.Switch ? -1 : 0;

    private static string ReadSchema()
    {
        using Stream stream = typeof(LinkGraphJson).Assembly.GetManifestResourceStream("topology.schema.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
