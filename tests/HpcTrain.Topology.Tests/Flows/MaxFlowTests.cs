namespace HpcTrain.Topology.Tests;

/// <summary>Flows equal the least cut, over all cuts of small networks.</summary>
public sealed class MaxFlowTests
{
    [Test]
    public void A_flow_is_as_large_as_the_least_cut([Range(1, 200)] int seed)
    {
        var random = new Random(seed);
        int nodes = random.Next(2, 9);
        var arcs = new List<(int From, int To, long Capacity, long Back)>();
        for (int i = random.Next(40); i > 0; i--)
            arcs.Add((random.Next(nodes), random.Next(nodes), random.Next(10), random.Next(3) == 0 ? random.Next(10) : 0));
        var flow = new MaxFlow(nodes);
        foreach ((int from, int to, long capacity, long back) in arcs)
            flow.AddArc(from, to, capacity, back);
        for (int sink = 1; sink < nodes; sink++)
        {
            long least = Enumerable.Range(0, 1 << nodes).Where(set => (set & 1) != 0 && (set >> sink & 1) == 0).Min(set => Out(node => (set >> node & 1) != 0));
            Assert.That(flow.Run(0, sink, least / 2), Is.EqualTo(least / 2));
            Assert.That(flow.Run(0, sink), Is.EqualTo(least));
            Assert.That(flow.IsOnSourceSide(0) && !flow.IsOnSourceSide(sink));
            Assert.That(Out(flow.IsOnSourceSide), Is.EqualTo(least));
        }

        long Out(Func<int, bool> isIn) => arcs.Sum(arc => (isIn(arc.From) && !isIn(arc.To) ? arc.Capacity : 0) + (isIn(arc.To) && !isIn(arc.From) ? arc.Back : 0));
    }

    [Test]
    public void Capacities_may_change_between_runs()
    {
        var flow = new MaxFlow(3);
        int first = flow.AddArc(0, 1, 5);
        flow.AddArc(1, 2, 4);
        Assert.That(flow.Run(0, 2), Is.EqualTo(4));
        flow[first] = 3;
        Assert.That(flow.Run(0, 2), Is.EqualTo(3));
    }
}
