using HpcTrain.Topology;

namespace HpcTrain.Collectives.Tests.Plans;

/// <summary>The best length of segments by the model.</summary>
[TestFixture]
public sealed class SegmentModelTests
{
    [Test]
    public void The_best_length_of_a_pipeline_is_better_than_its_neighbours([Values(2, 3, 10)] int depth, [Values(4096, 1 << 20, 1 << 28)] long bytes)
    {
        const double Alpha = 5e-6, Beta = 1e-9;
        long best = SegmentModel.Best(depth, bytes, Alpha, Beta);
        double seconds = Seconds(best);
        Assert.That(seconds, Is.LessThanOrEqualTo(Seconds(best * 1.1)).And.LessThanOrEqualTo(Seconds(best / 1.1)));
        if (best < bytes)
        {
            double closedForm = Math.Pow(Math.Sqrt((depth - 1) * Alpha) + Math.Sqrt(bytes * Beta), 2);
            Assert.That(seconds, Is.EqualTo(closedForm).Within(1e-4 * closedForm));
        }

        double Seconds(double segment) => SegmentModel.Seconds(depth, bytes, segment, Alpha, Beta);
    }

    [Test]
    public void One_edge_wants_one_message() => Assert.That(SegmentModel.Best(1, 1 << 20, 1e-6, 1e-9), Is.EqualTo(1 << 20));

    [Test]
    public void A_plan_of_equal_trees_wants_what_one_of_them_does()
    {
        // From the middle of a path of three ranks to both ends is one edge; from an end to the other two.
        LinkGraph line = LinkGraphJson.Read("""{"ranks": 3, "links": [{"from": 0, "to": 1, "bandwidth": 2, "both": true}, {"from": 1, "to": 2, "bandwidth": 2, "both": true}]}""", "line");
        LinkPlan plan = LinkPlan.Of(line, ArborescencePacking.Plan(line, 0), "trees");
        long best = SegmentModel.Best(plan, 1 << 24, 1e-5);
        Assert.That(best, Is.EqualTo(SegmentModel.Best(2, 1 << 24, 1e-5, 0.5e-9)).Within(1).Percent);
        Assert.That(SegmentModel.Seconds(plan, 1 << 24, best, 1e-5), Is.EqualTo(SegmentModel.Seconds(2, 1 << 24, best, 1e-5, 0.5e-9)).Within(1e-9));
    }

    [Test]
    public void Latency_of_links_makes_segments_longer()
    {
        LinkGraph near = BuiltInTopologies.Create("ring:n=6"), far = BuiltInTopologies.Create("ring:n=6,latency_us=50");
        long Best(LinkGraph graph) => SegmentModel.Best(LinkPlan.Of(graph, SpanningTreePacking.Plan(graph), "trees"), 1 << 26, 1e-6);
        Assert.That(Best(far), Is.GreaterThan(5 * Best(near)));
    }

    [Test]
    public void Among_unequal_trees_no_other_length_is_better_for_the_slowest()
    {
        LinkGraph graph = BuiltInTopologies.Create("dgx1v").Allocate([0, 1, 2, 4, 5, 7]);
        LinkPlan plan = LinkPlan.Of(graph, SpanningTreePacking.Plan(graph), "trees");
        long best = SegmentModel.Best(plan, 1 << 24, 4e-6);
        double seconds = SegmentModel.Seconds(plan, 1 << 24, best, 4e-6);
        for (long other = 1024; other <= 1 << 24; other *= 2)
            Assert.That(SegmentModel.Seconds(plan, 1 << 24, other, 4e-6), Is.GreaterThanOrEqualTo(seconds * 0.9999));
    }
}
