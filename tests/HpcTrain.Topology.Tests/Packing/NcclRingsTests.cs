namespace HpcTrain.Topology.Tests;

/// <summary>Rings are those that NCCL 2.4.2 finds.</summary>
public sealed class NcclRingsTests
{
    private static IEnumerable<Dgx1Class> Dgx1Classes => Dgx1Class.All;

    [TestCaseSource(nameof(Dgx1Classes))]
    public void Dgx1_classes_have_their_rings(object dgx1)
    {
        var known = (Dgx1Class)dgx1;
        LinkGraph graph = known.Graph;
        NcclRings found = NcclRings.Find(graph, 1, new(2, 5));
        Assert.That(found.IsExhaustive);
        Assert.That(found.IsFallback, Is.EqualTo(known.Rings == 0));
        Assert.That(found.Rings.Length * found.RingBandwidth, Is.EqualTo(PackingAssert.Parse(known.EffectiveRings)));
        Rational rate = known.Rings == 0 ? new(2, 5) : PackingAssert.Parse(known.EffectiveRings);
        Assert.That(found.BroadcastRate, Is.EqualTo(rate));
        Assert.That(found.AllReduceRate, Is.EqualTo(rate * graph.Ranks / (2 * (graph.Ranks - 1))));
        foreach (IGrouping<(int From, int To), int> passes in found.Rings.SelectMany(ring => ring.Select((from, i) => (from, ring[(i + 1) % ring.Length]))).GroupBy(link => link, _ => 1))
            Assert.That(passes.Count() * found.RingBandwidth, Is.LessThanOrEqualTo(graph.LinkBetween(passes.Key.From, passes.Key.To)!.Bandwidth));
        Assert.That(found.Rings, Has.All.Matches((IEnumerable<int> ring) => ring.Order().SequenceEqual(Enumerable.Range(0, graph.Ranks))));
    }

    [Test]
    public void Trees_beat_rings_by_the_published_factors()
    {
        // 25 GB/s links and a fallback of 10 GB/s, over all classes of a DGX-1V.
        Dgx1Class[] classes = [.. Dgx1Class.All.Where(dgx1 => dgx1.Machine == "V")];
        double[] broadcast = [.. classes.Select(dgx1 => (double)(ArborescencePacking.Plan(dgx1.Graph, 0).Rate / NcclRings.Find(dgx1.Graph, 1, new(2, 5)).BroadcastRate))];
        double[] reduce = [.. classes.Select(dgx1 => (double)(SpanningTreePacking.Plan(dgx1.Graph).Rate / NcclRings.Find(dgx1.Graph, 1, new(2, 5)).AllReduceRate))];
        Assert.That(classes, Has.Length.EqualTo(46));
        Assert.That((broadcast.Max(), reduce.Max()), Is.EqualTo((5.0, 8.0)));
        Assert.That(Mean(broadcast), Is.EqualTo(1.78).Within(0.005));
        Assert.That(Mean(reduce), Is.EqualTo(2.54).Within(0.005));

        static double Mean(double[] ratios) => Math.Exp(ratios.Average(Math.Log));
    }

    [Test]
    public void A_switch_has_as_many_rings_as_links()
    {
        NcclRings found = NcclRings.Find(Graphs.Boxes(1, 16, 150, 0), 25, 10);
        Assert.That(found.Rings, Has.Length.EqualTo(6));
        Assert.That(found.BroadcastRate, Is.EqualTo((Rational)150));
    }

    [Test]
    public void Graphs_that_the_rule_does_not_cover_are_refused()
    {
        Assert.That(() => NcclRings.Find(Graphs.Boxes(2, 2, 4, 1), 1, 1), Fails("one switch that joins all ranks"));
        Assert.That(() => NcclRings.Find(Graphs.Of(3, "0-1:3 1-2:2"), 2, 1), Fails("no multiple of 2 GB/s"));
        Assert.That(() => NcclRings.Find(Graphs.Of(9, "0-1:1"), 1, 1), Fails("at most 8"));
    }

    private static NUnit.Framework.Constraints.ContainsConstraint Fails(string words) => Throws.TypeOf<TopologyException>().With.Message.Contains(words);
}
