using System.Text.Json;
using Json.Schema;

namespace HpcTrain.Topology.Tests;

/// <summary>Plan files hold all that a plan is, and are proved when they are read.</summary>
public sealed class LinkPlanJsonTests
{
    private static readonly LinkPlan Plan = LinkPlanner.Plan(BuiltInTopologies.Create("dgx1v"), new() { MostTrees = 3 });

    private static IEnumerable<LinkPlan> Plans =>
        from name in new[] { "dgx1v", "dgx-a100:boxes=2", "ring:n=3" }
        from collective in Enum.GetValues<PackedCollective>()
        select LinkPlanner.Plan(BuiltInTopologies.Create(name), new() { Collective = collective });

    [Test]
    public void What_is_written_reads_back_the_same()
    {
        foreach (LinkPlan plan in Plans.Append(Plan).Append(LinkPlanner.Plan(Graphs.RandomOneWay(3, 5), new())))
        {
            string json = LinkPlanJson.Write(plan);
            Assert.That(LinkPlanJson.IsPlan(json));
            Assert.That(SchemaAccepts(json), json);
            LinkPlan read = LinkPlanJson.Read(json);
            Assert.That((read.Collective, read.Method, read.Optimum, read.Rate), Is.EqualTo((plan.Collective, plan.Method, plan.Optimum, plan.Rate)));
            Assert.That(read.Graph.Fingerprint, Is.EqualTo(plan.Graph.Fingerprint));
            Assert.That(read.Comparison!.Ring, Is.EqualTo(plan.Comparison!.Ring));
            Assert.That(read.Comparison.Limit, Is.EqualTo(plan.Comparison.Limit));
            Assert.That(LinkPlanJson.Write(read), Is.EqualTo(json));
        }
    }

    [Test]
    public void The_keys_are_those_that_scripts_rely_on()
    {
        using JsonDocument json = JsonDocument.Parse(LinkPlanJson.Write(LinkPlanner.Plan(BuiltInTopologies.Create("dgx1v"), new())));
        JsonElement root = json.RootElement;
        Assert.That(root.GetProperty("collective").GetString(), Is.EqualTo("allreduce"));
        Assert.That(root.GetProperty("method").GetString(), Is.EqualTo("trees"));
        Assert.That(root.GetProperty("optimum").GetDouble(), Is.EqualTo(600 / 7.0).Within(1e-12));
        Assert.That(root.GetProperty("optimum_exact").GetString(), Is.EqualTo("600/7"));
        Assert.That(root.GetProperty("rate").GetDouble(), Is.EqualTo(600 / 7.0).Within(1e-12));
        Assert.That(root.GetProperty("share").GetDouble(), Is.EqualTo(1.0));
        Assert.That(root.GetProperty("tau").GetDouble(), Is.EqualTo(600 / 7.0).Within(1e-12));
        Assert.That(root.GetProperty("reduce_scatter_allgather").GetDouble(), Is.EqualTo(600 / 7.0).Within(1e-12));
        Assert.That(root.GetProperty("cut").GetProperty("parts").GetArrayLength(), Is.EqualTo(8));
        foreach (JsonElement tree in root.GetProperty("trees").EnumerateArray())
        {
            Assert.That(tree.GetProperty("edges").GetArrayLength(), Is.EqualTo(7));
            Assert.That(tree.GetProperty("edges").EnumerateArray().Select(edge => edge.GetArrayLength()), Has.All.EqualTo(2));
            Assert.That(tree.GetProperty("root").GetInt32(), Is.InRange(0, 7));
            Assert.That(tree.GetProperty("weight").GetDouble(), Is.Positive);
        }
    }

    [Test]
    public void Links_without_undirected_trees_have_no_tau()
    {
        using JsonDocument json = JsonDocument.Parse(LinkPlanJson.Write(LinkPlanner.Plan(BuiltInTopologies.Create("dgx2"), new())));
        Assert.That(json.RootElement.GetProperty("tau").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(json.RootElement.GetProperty("reduce_scatter_allgather").GetDouble(), Is.EqualTo(80.0));
    }

    [TestCase("\"hpctrain-plan\"", "\"plan\"", "plan, line 2: 'hpctrain-plan' is expected.")]
    [TestCase("\"version\": 1", "\"version\": 2", "plan, line 3: Version 2 is not known; version 1 is.")]
    [TestCase("\"allreduce\"", "\"allsum\"", "plan, line 4: 'allsum' is not one of broadcast, allreduce, allgather, reduce-scatter.")]
    [TestCase("\"method\"", "\"methods\"", "plan, line 5: 'methods' is not known")]
    [TestCase("\"optimum_exact\": \"600/7\"", "\"optimum_exact\": \"many\"", "plan, line 6: A fraction as text is expected")]
    [TestCase("\"optimum_exact\": \"600/7\"", "\"optimum_exact\": \"1\"", "The plan does not hold. The rate 75 is above the optimum 1.")]
    [TestCase("\"rate_exact\": \"75\"", "\"rate_exact\": \"76\"", "plan, line 7: A rate of 76 is given, but the trees carry 75.")]
    [TestCase("\"from\": 0, \"to\": 1, \"bandwidth\": 25", "\"from\": 0, \"to\": 1, \"bandwidth\": 24", "is not that of the file's graph")]
    [TestCase("\"edges\": [[", "\"edges\": [[0, 8], [", "There is no node 8; nodes are numbered from 0 to 7.")]
    [TestCase("\"edges\": [[", "\"edges\": [[0, 1, 2], [", "Two ranks are expected, [from, to].")]
    [TestCase("\"edges\": [[", "\"edges\": [[0, 1], [", "The plan does not hold. Tree 0 of root")]
    public void A_file_that_is_wrong_is_refused(string good, string bad, string message)
    {
        string text = LinkPlanJson.Write(Plan);
        int at = text.IndexOf(good, StringComparison.Ordinal);
        Assert.That(at, Is.Positive);
        Assert.That(() => LinkPlanJson.Read(text[..at] + bad + text[(at + good.Length)..]), Throws.TypeOf<TopologyException>().With.Message.Contains(message));
    }

    [Test]
    public void A_plan_for_other_links_is_refused_by_fingerprint()
    {
        LinkGraph own = BuiltInTopologies.Create("dgx1v"), other = BuiltInTopologies.Create("dgx1v:bandwidth=20");
        LinkPlan plan = LinkPlanJson.Read(LinkPlanJson.Write(Plan));
        Assert.That(() => plan.RequireTopology(own), Throws.Nothing);
        Assert.That(
            () => plan.RequireTopology(other),
            Throws.TypeOf<TopologyException>().With.Message.Contains(own.Fingerprint).And.Message.Contains(other.Fingerprint));
        Assert.That(() => plan.RequireTopology(own.Allocate([0, 1, 2])), Throws.TypeOf<TopologyException>().With.Message.Contains("3 ranks"));
    }

    private static bool SchemaAccepts(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return JsonSchema.FromText(LinkPlanJson.Schema).Evaluate(document.RootElement).IsValid;
    }
}
