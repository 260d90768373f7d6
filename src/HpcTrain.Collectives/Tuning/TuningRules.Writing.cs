using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace HpcTrain.Collectives;

/// <content>Writing.</content>
public sealed partial class TuningRules
{
    private static readonly JsonSerializerOptions s_plainText = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of a file with these rules, a line for each rule and measurement; <see cref="FromJson"/> reads it back.</summary>
    public string ToJson()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{\n  \"format\": \"{Format}\",\n  \"version\": {Version},\n");
        if (About.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $"  \"about\": {Quoted(About)},\n");
        text.Append("  // Of a collective's rules the first that matches decides; both ends belong to a range.\n  \"collectives\": {\n");
        text.AppendJoin(",\n", Rules.GroupBy(rule => rule.Collective).Select(Collective));
        text.Append("\n  }");
        if (Evidence.Count > 0)
            text.Append(",\n  \"evidence\": [\n").AppendJoin(",\n", Evidence.Select(Row)).Append("\n  ]");
        return text.Append("\n}\n").ToString();
    }

    private static string Collective(IGrouping<CollectiveKind, TuningRule> rules) =>
        $"    \"{rules.Key.Name()}\": [\n{string.Join(",\n", rules.Select(Rule))}\n    ]";

    private static string Rule(TuningRule rule)
    {
        IEnumerable<string> fields =
        [
            .. Range("ranks", rule.Ranks), .. Range("nodes", rule.Nodes), .. Range("ranks_per_node", rule.RanksPerNode), .. Range("bytes", rule.Bytes),
            rule.Schedule is { } schedule ? $"\"schedule\": {Quoted(schedule.File)}" : $"\"algorithm\": {Quoted(rule.Algorithm)}",
            .. rule.SegmentBytes > 0 ? (string[])[Field("segment_bytes", rule.SegmentBytes)] : [],
        ];
        return $"      {{ {string.Join(", ", fields)} }}";
    }

    private static IEnumerable<string> Range(string name, NumberRange range)
    {
        if (range.Least > 0)
            yield return Field($"{name}_min", range.Least);
        if (range.Most < long.MaxValue)
            yield return Field($"{name}_max", range.Most);
    }

    private static string Row(TuningEvidence row) => string.Create(CultureInfo.InvariantCulture,
        $"    {{ \"collective\": \"{row.Collective.Name()}\", \"ranks\": {row.Ranks}, \"nodes\": {row.Nodes}, \"bytes\": {row.Bytes}, ")
        + string.Create(CultureInfo.InvariantCulture,
        $"\"algorithm\": {Quoted(row.Algorithm)}, \"segment_bytes\": {row.SegmentBytes}, \"us\": {row.Microseconds:0.###}, \"rounds\": {row.Rounds} }}");

    private static string Field(string name, long value) => string.Create(CultureInfo.InvariantCulture, $"\"{name}\": {value}");

    private static string Quoted(string text) => JsonSerializer.Serialize(text, s_plainText);
}
