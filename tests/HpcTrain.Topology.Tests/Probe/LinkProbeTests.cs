using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Topology.Tests;

/// <summary>Probes of the ranks of this machine.</summary>
public class LinkProbeTests
{
    [RankTest(2, 3, 4)]
    public void All_ranks_measure_the_same_and_it_is_a_connected_graph(Intracommunicator world)
    {
        ProbeMeasurements measured = Probe(seconds: 3);
        int ranks = world.Size;
        Assert.That(measured.NodeOf, Is.EqualTo(new int[ranks]));
        Assert.That(measured.Hosts, Is.EqualTo(new[] { "here" }));
        Assert.That(measured.Observations.Where(each => each.Round.Phase == ProbePhase.Sweep).SelectMany(each => each.Round.Streams).Distinct().Count(), Is.EqualTo(ranks * (ranks - 1)));
        Assert.That(measured.Observations.SelectMany(each => each.Rates), Has.All.GreaterThan(0).And.All.LessThan(1000));
        Assert.That(measured.Observations.Where(each => each.Round.Phase != ProbePhase.Fan).SelectMany(each => each.Latencies), Has.All.GreaterThan(0).And.All.LessThan(1));
        LinkGraph graph = LinkInference.Infer(measured, "here").Graph;
        Assert.That((graph.Ranks, GraphFacts.IsConnected(graph)), Is.EqualTo((ranks, true)));
        Assert.That(world.AllGather(Convert.ToInt64(graph.Fingerprint[..15], 16)).Distinct().Count(), Is.EqualTo(1));
    }

    [RankTest(4)]
    public void Without_time_only_the_sweep_is_measured()
    {
        ProbeMeasurements measured = Probe(seconds: 1e-3);
        Assert.That(measured.Observations.Select(each => each.Round.Phase), Is.EqualTo(Enumerable.Repeat(ProbePhase.Sweep, 3)));
        Assert.That(GraphFacts.IsConnected(LinkInference.Infer(measured, "here").Graph), Is.True);
    }

    private static ProbeMeasurements Probe(double seconds)
    {
        using var probe = new LinkProbe(MpiEnvironment.Current!, new(TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(40)));
        return probe.Run("here", _ => { });
    }
}
