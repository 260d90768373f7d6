using System.Globalization;
using System.Text.Json;
using HpcTrain.Collectives.Simulation;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Tests.Simulation;

/// <summary>What the simulator says of the laboratory's links against what was measured on them (bench/netlab/results.json).</summary>
internal sealed class LaboratoryRecordTests
{
    // As bench/netlab measures: segments, window, and what an acknowledgement takes there.
    private const int Segment = 32 << 10, Window = 4, Acknowledgement = 114;

    private static readonly Rational s_fallback = new(10, 1);
    private static readonly string s_folder = Path.Combine(Root(), "bench", "netlab");

    private static IEnumerable<string> Names() => Cases().Select(one => one.GetProperty("name").GetString()!);

    [TestCaseSource(nameof(Names))]
    public void Simulated_times_are_within_a_tenth_of_those_measured(string name)
    {
        JsonElement recorded = Cases().Single(one => one.GetProperty("name").GetString() == name);
        LinkGraph graph = Links(recorded.GetProperty("topology").GetString()!);
        long bytes = recorded.GetProperty("bytes").GetInt64();
        // A second on the topology's own links is so many on those of the laboratory.
        double slower = recorded.GetProperty("unit_gb_s").GetDouble() * 8000 / recorded.GetProperty("link_mbit_s").GetDouble();
        var options = new SimulationOptions(bytes) { SegmentBytes = Segment, SegmentsInFlight = Window, AcknowledgementBytes = Acknowledgement };

        double Seconds(string kind)
        {
            if (kind == "halving-doubling")
                return slower * LinkSimulator.Run(graph, AlgorithmCatalog.Create(kind, new(CollectiveKind.AllReduce, graph.Ranks)), options).Seconds;
            LinkPlan plan = LinkPlanner.Plan(graph, new() { Planner = kind == "trees" ? PlanPlanner.Exact : PlanPlanner.Rings });
            var routes = new Routes(plan.Graph);
            foreach ((int from, int to, int channel, var path) in new PlanRoutes(plan).All)
                routes.Add(from, to, channel, path);
            return slower * LinkSimulator.Run(plan.Graph, PlanSchedules.Create(plan), options with { Routes = routes }).Seconds;
        }

        using (Assert.EnterMultipleScope())
        {
            foreach (string kind in new[] { "trees", "rings", "halving-doubling" })
                Assert.That(Seconds(kind), Is.EqualTo(recorded.GetProperty("seconds").GetProperty(kind).GetDouble()).Within(10).Percent, kind);
        }
    }

    /// <summary>An allocation of a DGX-1V, <c>dgx1v[0,1,4]</c>, with a slow switch for pairs of ranks without a link; or the cluster of the laboratory, which has links for all.</summary>
    private static LinkGraph Links(string topology)
    {
        if (!topology.StartsWith("dgx1v", StringComparison.Ordinal))
            return LinkGraphJson.Read(File.ReadAllText(Path.Combine(s_folder, "cluster.json")), "cluster.json");
        LinkGraph graph = BuiltInTopologies.Create("dgx1v");
        if (topology.IndexOf('[') is > 0 and var ranks)
            graph = graph.Allocate([.. topology[(ranks + 1)..^1].Split(',').Select(rank => int.Parse(rank, CultureInfo.InvariantCulture))]);
        int all = graph.Ranks;
        if (graph.Links.Length == all * (all - 1))
            return graph;
        return new(graph.Name, [.. graph.Nodes, new(NodeKind.Switch, "fallback")],
            [.. graph.Links, .. Enumerable.Range(0, all).SelectMany(rank => new[] { new Link(rank, all, s_fallback, Name: "PCIe"), new(all, rank, s_fallback, Name: "PCIe") })]);
    }

    private static List<JsonElement> Cases() => [.. JsonDocument.Parse(File.ReadAllText(Path.Combine(s_folder, "results.json"))).RootElement.GetProperty("cases").EnumerateArray()];

    private static string Root()
    {
        var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "HpcTrain.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("no HpcTrain.sln above the tests");
        return folder.FullName;
    }
}
