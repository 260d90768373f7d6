using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace HpcTrain.Topology;

/// <summary>
/// Plans as JSON files of the form that <see cref="Schema"/> tells. A file has the links that it was made for, so that it can be read, proved and run on its own.
/// </summary>
/// <example>
/// <code>
/// {
///   "format": "hpctrain-plan", "version": 1,
///   "collective": "allreduce", "method": "trees",
///   "optimum": 85.71428571428571, "optimum_exact": "600/7", "rate": ..., "rate_exact": ..., "share": 1,
///   "tau": 85.71428571428571, "tau_exact": "600/7", "reduce_scatter_allgather": ...,
///   "topology": "dgx1v", "fingerprint": "...", "ranks": 8,
///   "cut": {"parts": [[0], [1], ...], "links": [[0, 1], ...], "bandwidth": 600, ...},
///   "trees": [
///     {"root": 3, "weight": 25, "weight_exact": "25", "edges": [[3, 0], [0, 4], ...]},
///     ...
/// </code>
/// </example>
public static partial class LinkPlanJson
{
    private const string Format = "hpctrain-plan";

    private const int Version = 1;

    private static readonly Dictionary<string, PackedCollective> s_collectives = new()
    {
        ["broadcast"] = PackedCollective.Broadcast,
        ["allreduce"] = PackedCollective.AllReduce,
        ["allgather"] = PackedCollective.AllGather,
        ["reduce-scatter"] = PackedCollective.ReduceScatter,
    };

    private static readonly JsonSerializerOptions s_text = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The JSON schema of the files.</summary>
    public static string Schema { get; } = ReadSchema();

    /// <summary>The names of the collectives that can be planned.</summary>
    public static IReadOnlyCollection<string> Collectives => s_collectives.Keys;

    /// <summary>The name of a collective in files and on command lines.</summary>
    public static string NameOf(PackedCollective collective) => s_collectives.First(pair => pair.Value == collective).Key;

    /// <summary>The collective of a name.</summary>
    public static bool TryParse(string name, out PackedCollective collective) => s_collectives.TryGetValue(name, out collective);

    /// <summary>A plan as JSON, one line per tree. Reading it gives an equal plan.</summary>
    public static string Write(LinkPlan plan)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{\n  \"format\": \"{Format}\",\n  \"version\": {Version}");
        text.Append(CultureInfo.InvariantCulture, $",\n  \"collective\": \"{NameOf(plan.Collective)}\",\n  \"method\": {Quote(plan.Method)}");
        text.Append(",\n  ").Append(Both("optimum", plan.Optimum)).Append(",\n  ").Append(Both("rate", plan.Rate)).Append(",\n  ").Append(Both("share", plan.Share));
        if (plan.Collective == PackedCollective.AllReduce && plan.Comparison is { } compared)
        {
            text.Append(",\n  ").Append(Both("tau", compared.Find(PlanMethods.Trees)));
            text.Append(",\n  ").Append(Both("reduce_scatter_allgather", compared.Find(PlanMethods.ReduceScatterAllGather)));
        }

        text.Append(CultureInfo.InvariantCulture, $",\n  \"topology\": {Quote(plan.Graph.Name)},\n  \"fingerprint\": \"{plan.Graph.Fingerprint}\",\n  \"ranks\": {plan.Graph.Ranks}");
        text.Append(",\n  \"cut\": ").Append(Describe(plan.Cut, plan.Graph));
        if (plan.Comparison is { } comparison)
            Append(text, comparison);
        text.Append(",\n  \"trees\": [");
        for (int i = 0; i < plan.Trees.Length; i++)
        {
            text.Append(i == 0 ? "\n    " : ",\n    ");
            Append(text, plan.Trees[i]);
        }

        text.Append("\n  ],\n  \"graph\": ").Append(LinkGraphJson.Write(plan.Graph).TrimEnd().Replace("\n", "\n  ", StringComparison.Ordinal));
        return text.Append("\n}\n").ToString();
    }

    private static void Append(StringBuilder text, PlanComparison comparison)
    {
        text.Append(",\n  \"compared\": [").AppendJoin(", ", comparison.Methods.Select(method => $"{{\"method\": {Quote(method.Method)}, {Both("optimum", method.Optimum)}}}")).Append(']');
        if (comparison.Ring is { } ring)
        {
            string exhaustive = ring.IsExhaustive ? "true" : "false";
            text.Append(",\n  \"ring\": {").Append(Both("rate", ring.Rate)).Append(CultureInfo.InvariantCulture, $", \"rings\": {ring.Rings}, ")
                .Append(Both("ring_bandwidth", ring.RingBandwidth)).Append(CultureInfo.InvariantCulture, $", \"exhaustive\": {exhaustive}}}");
        }

        if (comparison.Limit is { } limit)
        {
            string best = limit.IsBest ? "true" : "false";
            text.Append(CultureInfo.InvariantCulture, $",\n  \"limit\": {{\"max_trees\": {limit.MostTrees}, {Both("price", limit.Price)}, \"best\": {best}}}");
        }
    }

    private static void Append(StringBuilder text, PlanTree tree)
    {
        ImmutableArray<TreeEdge> edges = tree.Out.IsEmpty ? tree.In : tree.Out;
        text.Append(CultureInfo.InvariantCulture, $"{{\"root\": {tree.Root}, {Both("weight", tree.Weight)}, \"edges\": ");
        AppendEdges(text, edges);
        if (!tree.In.IsEmpty && !tree.Out.IsEmpty && !TreeDirections.AreReverse(tree.In, tree.Out))
        {
            text.Append(", \"in_edges\": ");
            AppendEdges(text, tree.In);
        }

        text.Append('}');
    }

    private static void AppendEdges(StringBuilder text, ImmutableArray<TreeEdge> edges)
    {
        text.Append('[');
        for (int i = 0; i < edges.Length; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            TreeEdge edge = edges[i];
            if (edge.Path.Length == 2)
                text.Append('[').Append(edge.From).Append(", ").Append(edge.To).Append(']');
            else
                text.Append("{\"from\": ").Append(edge.From).Append(", \"to\": ").Append(edge.To).Append(", \"path\": [").AppendJoin(", ", edge.Path).Append("]}");
        }

        text.Append(']');
    }

    private static string Describe(LimitingCut cut, LinkGraph graph)
    {
        string parts = string.Join(", ", cut.Parts.Select(part => $"[{string.Join(", ", part)}]"));
        string links = string.Join(", ", cut.Links.Select(link => $"[{link.From}, {link.To}]"));
        return $"{{\"parts\": [{parts}], \"links\": [{links}], {Both("bandwidth", cut.Bandwidth)}, {Both("optimum", cut.Optimum)}, \"text\": {Quote(cut.Describe(graph))}}}";
    }

    /// <summary>A number twice, as a decimal and exactly: <c>"rate": 0.5, "rate_exact": "1/2"</c>; null where there is none.</summary>
    private static string Both(string name, Rational? value) => value is { } number
        ? string.Create(CultureInfo.InvariantCulture, $"\"{name}\": {(double)number:R}, \"{name}_exact\": \"{number}\"") : $"\"{name}\": null, \"{name}_exact\": null";

    private static string Quote(string text) => JsonSerializer.Serialize(text, s_text);

    private static string ReadSchema()
    {
        using Stream stream = typeof(LinkPlanJson).Assembly.GetManifestResourceStream("plan.schema.json")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
