using System.Text.Json;
using HpcTrain.Topology;
using Json.Schema;

namespace HpcTrain.Collectives.Tests.Tuning;

/// <summary>Files of tuning rules: what they say, what is refused, and the schema that describes them.</summary>
[TestFixture]
public sealed class TuningFileTests
{
    private const string Source = "site.json";

    private const string Whole = """
        {
          "$schema": "rules.schema.json",
          "format": "hpctrain-tuning",
          "version": 1,
          "about": "two nodes of 4",
          // A comment, and commas that trail.
          "collectives": {
            "allreduce": [
              { "ranks_min": 2, "ranks_max": 4, "bytes_max": 4096, "algorithm": "recursive-doubling" },
              { "ranks_min": 2, "ranks_max": 8, "nodes_min": 2, "nodes_max": 2, "ranks_per_node_min": 2, "ranks_per_node_max": 3, "algorithm": "Rabenseifner" },
              { "bytes_min": 65536, "algorithm": "ring", "segment_bytes": 131072 },
            ],
          },
          "evidence": [
            { "collective": "allreduce", "ranks": 4, "nodes": 2, "bytes": 4096, "algorithm": "ring", "segment_bytes": 0, "us": 12.5, "rounds": 9 },
          ],
        }
        """;

    // What is changed in the file, into what, and the error that follows.
    private static readonly string[][] s_mistakes =
    [
        ["\"format\": \"hpctrain-tuning\"", "\"format\": \"ompi\"", "At format: 'ompi' is not 'hpctrain-tuning'."],
        ["\"format\": \"hpctrain-tuning\",", "", "At the top: 'format' is missing."],
        ["\"version\": 1", "\"version\": 2", "At version: version 2 is not known here; the newest is 1."],
        ["\"version\": 1", "\"version\": \"1\"", "At version: an integer is expected."],
        ["\"about\"", "\"abuot\"", "At the top: 'abuot' is not known; the names here are $schema, format, version, about, collectives, evidence."],
        ["\"two nodes of 4\"", "4", "At about: a text is expected."],
        ["\"allreduce\": [", "\"allroduce\": [", "At collectives.allroduce: 'allroduce' is not one of allreduce, reduce-scatter, allgather"],
        ["\"collectives\": {", "\"collectives\": [], \"evidence\": {", "not valid JSON"],
        ["\"ranks_min\": 2", "\"rank_min\": 2", "At collectives.allreduce[0]: 'rank_min' is not known; the names here are ranks_min, ranks_max,"],
        ["\"ranks_min\": 2", "\"ranks_min\": 0", "At collectives.allreduce[0].ranks_min: 0 is too small; the least is 1."],
        ["\"ranks_min\": 2", "\"ranks_min\": 5", "At collectives.allreduce[0].ranks_max: 4 is below ranks_min, which is 5, so the rule would never match."],
        ["\"ranks_min\": 2", "\"ranks_min\": 2.5", "At collectives.allreduce[0].ranks_min: an integer is expected."],
        ["\"ranks_min\": 2", "\"ranks_min\": 2, \"ranks_min\": 3", "not valid JSON"],
        ["\"bytes_max\": 4096", "\"bytes_max\": -1", "At collectives.allreduce[0].bytes_max: -1 is too small; the least is 0."],
        ["\"bytes_max\": 4096", "\"bytes_max\": \"4K\"", "At collectives.allreduce[0].bytes_max: an integer is expected."],
        ["\"segment_bytes\": 131072", "\"segment_bytes\": 0", "At collectives.allreduce[2].segment_bytes: 0 is too small; the least is 1."],
        ["\"nodes_max\": 2", "\"nodes_max\": 1", "At collectives.allreduce[1].nodes_max: 1 is below nodes_min, which is 2"],
        ["\"recursive-doubling\"", "\"recursive-dubling\"", "At collectives.allreduce[0].algorithm: There is no allreduce algorithm 'recursive-dubling'; the valid ones are ring,"],
        ["\"recursive-doubling\"", "\"auto\"", "At collectives.allreduce[0].algorithm: 'auto' is no algorithm but the choice where no rule matches"],
        ["\"algorithm\": \"recursive-doubling\"", "\"segment_bytes\": 1", "At collectives.allreduce[0]: 'algorithm' is missing."],
        ["\"algorithm\": \"ring\", \"segment", "\"algorithm\": \"ring\", \"schedule\": \"plan.json\", \"segment", "At collectives.allreduce[2]: a rule has an 'algorithm' or a 'schedule', not both."],
        ["\"algorithm\": \"ring\", \"segment", "\"schedule\": \"no.json\", \"segment", "At collectives.allreduce[2].schedule: There is no schedule file no.json; check the path."],
        ["\"algorithm\": \"ring\", \"segment", "\"schedule\": 3, \"segment", "At collectives.allreduce[2].schedule: a text is expected."],
        ["\"us\": 12.5", "\"us\": \"12.5\"", "At evidence[0].us: a number is expected."],
        ["\"rounds\": 9", "\"rounds\": 0", "At evidence[0].rounds: 0 is too small; the least is 1."],
        ["\"rounds\": 9", "\"runs\": 9", "At evidence[0]: 'runs' is not known; the names here are collective,"],
        ["\"collective\": \"allreduce\"", "\"collective\": \"reduction\"", "At evidence[0].collective: 'reduction' is not one of allreduce,"],
    ];

    // Mistakes that JSON schemas cannot tell: ranges that are empty, names, keys that come twice.
    private static readonly string[] s_beyondSchema = ["below", "There is no", "not valid JSON"];

    private static IEnumerable<TestCaseData> Mistakes => s_mistakes.Select(mistake => new TestCaseData(mistake[0], mistake[1], mistake[2]).SetArgDisplayNames(mistake[1]));

    [TestCase(2, "8", 0, ExpectedResult = "recursive-doubling")]
    [TestCase(4, "8", 4096, ExpectedResult = "recursive-doubling")]
    [TestCase(4, "8", 4097, ExpectedResult = null)]
    [TestCase(4, "2x2", 4096, ExpectedResult = "recursive-doubling")]
    [TestCase(4, "2x2", 4097, ExpectedResult = "halving-doubling")]
    [TestCase(5, "2,3", 4097, ExpectedResult = "halving-doubling")]
    [TestCase(5, "1,4", 4097, ExpectedResult = null)]
    [TestCase(6, "3x2", 65535, ExpectedResult = null)]
    [TestCase(6, "3x2", 65536, ExpectedResult = "ring")]
    [TestCase(1, "8", 1L << 40, ExpectedResult = "ring")]
    public string? The_first_rule_that_matches_decides(int ranks, string nodes, long bytes)
    {
        NodeMap? map = nodes == "8" ? null : NodeMap.Parse(nodes, ranks);
        return TuningRules.FromJson(Whole, Source).Find(CollectiveKind.AllReduce, ranks, map, bytes)?.Algorithm;
    }

    [Test]
    public void Other_collectives_have_no_rule() =>
        Assert.That(TuningRules.FromJson(Whole, Source).Find(CollectiveKind.AllGather, 2, null, 8), Is.Null);

    [Test]
    public void A_rule_is_named_by_its_place()
    {
        TuningRules rules = TuningRules.FromJson(Whole, Source);
        TuningRule rule = rules.Find(CollectiveKind.AllReduce, 8, null, 1 << 20)!;
        Assert.That(rules.NameOf(rule), Is.EqualTo("rule 3 for allreduce in site.json"));
        Assert.That(rule.SegmentBytes, Is.EqualTo(131_072));
    }

    [Test]
    public void What_is_written_reads_back_the_same()
    {
        TuningRules rules = TuningRules.FromJson(Whole, Source);
        TuningRules again = TuningRules.FromJson(rules.ToJson(), Source);
        Assert.That(again.Rules, Is.EqualTo(rules.Rules));
        Assert.That(again.Evidence, Is.EqualTo(rules.Evidence));
        Assert.That(again.About, Is.EqualTo("two nodes of 4"));
        Assert.That(again.ToJson(), Is.EqualTo(rules.ToJson()));
        Assert.That(SchemaAccepts(rules.ToJson()), Is.True);
    }

    [Test]
    public void A_rule_may_name_a_plan_by_a_path_from_its_own_file()
    {
        using var site = new Site();
        site.Write("plans/ring.json", Plan(3, PackedCollective.AllReduce));
        site.Write("plans/tree.json", Plan(3, PackedCollective.Broadcast, root: 2));
        TuningRules rules = TuningRules.Load(site.Write("rules.json", Rules("""
            "allreduce": [{ "bytes_min": 100, "schedule": "plans/ring.json", "segment_bytes": 4096 }, { "algorithm": "ring" }], "broadcast": [{ "schedule": "plans/tree.json" }]
            """)));
        TuningRule rule = rules.Find(CollectiveKind.AllReduce, 3, null, 100)!;
        Assert.That((rule.Algorithm, rule.SegmentBytes, rule.Schedule!.Schedule.Ranks), Is.EqualTo(("plan:trees", 4096L, 3)));
        Assert.That(rules.NameOf(rule), Is.EqualTo($"rule 1 for allreduce in {rules.Source}, schedule plans/ring.json"));
        Assert.That(new[] { (3, 99), (4, 100), (2, 100) }.Select(call => rules.Find(CollectiveKind.AllReduce, call.Item1, null, call.Item2)!.Algorithm), Is.All.EqualTo("ring"),
            "a plan is for its number of ranks");
        Assert.That(new[] { 0, 1, 2 }.Select(root => rules.Find(CollectiveKind.Broadcast, 3, null, 8, root) != null), Is.EqualTo(new[] { false, false, true }), "and for its root");

        TuningRules again = TuningRules.FromJson(rules.ToJson(), rules.Source);
        Assert.That(again.Rules, Is.EqualTo(rules.Rules));
        Assert.That(SchemaAccepts(rules.ToJson()), Is.True);
        site.Write("plans/ring.json", Plan(3, PackedCollective.AllReduce, bandwidth: 2));
        Assert.That(TuningRules.Load(rules.Source).Rules[0], Is.Not.EqualTo(rule), "another plan in the same file is another rule");
    }

    [TestCase("\"allreduce\": [{ \"schedule\": \"tree.json\" }]", "At collectives.allreduce[0].schedule: tree.json is a schedule for broadcast, not for allreduce; put the rule there.")]
    [TestCase("\"broadcast\": [{ \"schedule\": \"tree.json\", \"ranks_min\": 4 }]",
        "At collectives.broadcast[0].schedule: tree.json is a schedule for 3 ranks, which the rule's ranks_min and ranks_max leave out, so the rule would never match.")]
    [TestCase("\"broadcast\": [{ \"schedule\": \"cut.json\" }]", "cut.json")]
    [TestCase("\"broadcast\": [{ \"schedule\": \".\" }]", "is a folder, not a schedule file")]
    public void A_schedule_that_cannot_be_used_is_refused_with_its_place(string rules, string message)
    {
        using var site = new Site();
        site.Write("tree.json", Plan(3, PackedCollective.Broadcast));
        site.Write("cut.json", Plan(3, PackedCollective.Broadcast)[..200]);
        string file = site.Write("rules.json", Rules(rules));
        Assert.That(() => TuningRules.Load(file), Throws.TypeOf<ScheduleException>().With.Message.StartsWith($"The tuning rules '{file}' are wrong. At collectives.").And.Message.Contains(message));
    }

    [TestCaseSource(nameof(Mistakes))]
    public void A_mistake_is_refused_with_its_place(string good, string bad, string message) =>
        Assert.That(() => TuningRules.FromJson(Damaged(good, bad), Source),
            Throws.TypeOf<ScheduleException>().With.Message.Contains(message).And.Message.Contains("The tuning rules 'site.json' are "));

    [Test]
    public void The_schema_accepts_what_the_reader_accepts() => Assert.That(SchemaAccepts(Whole), Is.True);

    [TestCaseSource(nameof(Mistakes))]
    public void The_schema_refuses_what_the_reader_refuses(string good, string bad, string message)
    {
        if (!s_beyondSchema.Any(message.Contains))
            Assert.That(SchemaAccepts(Damaged(good, bad)), Is.False);
    }

    [Test]
    public void The_schema_knows_the_same_collectives_and_names()
    {
        using JsonDocument schema = JsonDocument.Parse(TuningRules.Schema);
        JsonElement names = schema.RootElement.GetProperty("properties").GetProperty("collectives").GetProperty("propertyNames").GetProperty("enum");
        Assert.That(names.EnumerateArray().Select(name => name.GetString()), Is.EqualTo(CollectiveKinds.Names));

        // The reader lists what it knows of each kind of object; the schema must list the same.
        foreach ((string path, string place) in ((string, string)[])[("", "format"), ("rule", "algorithm"), ("measurement", "us")])
        {
            JsonElement part = path.Length == 0 ? schema.RootElement : schema.RootElement.GetProperty("$defs").GetProperty(path);
            string known = string.Join(", ", part.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order());
            ScheduleException error = Assert.Throws<ScheduleException>(() => TuningRules.FromJson(Damaged($"\"{place}\"", $"\"other\": 0, \"{place}\""), Source))!;
            string listed = error.Message[(error.Message.IndexOf("names here are ", StringComparison.Ordinal) + "names here are ".Length)..].TrimEnd('.');
            Assert.That(string.Join(", ", listed.Split(", ").Order()), Is.EqualTo(known));
        }
    }

    [Test]
    public void A_file_that_is_not_there_is_named() =>
        Assert.That(() => TuningRules.Load("/nowhere/rules.json"),
            Throws.TypeOf<ScheduleException>().With.Message.StartsWith("The tuning rules '/nowhere/rules.json' cannot be read: "));

    private static string Damaged(string good, string bad)
    {
        int at = Whole.IndexOf(good, StringComparison.Ordinal);
        Assert.That(at, Is.GreaterThanOrEqualTo(0));
        return Whole[..at] + bad + Whole[(at + good.Length)..];
    }

    private static string Plan(int ranks, PackedCollective collective, int root = 0, int bandwidth = 1) =>
        LinkPlanJson.Write(LinkPlanner.Plan(BuiltInTopologies.Create($"full:n={ranks},bandwidth={bandwidth}"), new() { Collective = collective, Root = root }));

    private static string Rules(string collectives) => $$"""{ "format": "hpctrain-tuning", "version": 1, "collectives": { {{collectives}} } }""";

    private static bool SchemaAccepts(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        return JsonSchema.FromText(TuningRules.Schema).Evaluate(document.RootElement).IsValid;
    }

    /// <summary>A folder with files of a site.</summary>
    private sealed class Site : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("hpctrain-rules-").FullName;

        public string Write(string name, string text)
        {
            string path = Path.Combine(_folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
            return path;
        }

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
