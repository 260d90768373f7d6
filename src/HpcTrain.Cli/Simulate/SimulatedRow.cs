using HpcTrain.Collectives;
using HpcTrain.Collectives.Simulation;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Simulate;

/// <summary>One simulation: what ran on which links, and what came out.</summary>
/// <param name="Graph">The links.</param>
/// <param name="Schedule">What ran.</param>
/// <param name="Name">What it was asked for as.</param>
/// <param name="Bytes">The buffer of a rank.</param>
/// <param name="Result">What came out.</param>
internal sealed record SimulatedRow(LinkGraph Graph, Schedule Schedule, string Name, long Bytes, SimulationResult Result)
{
    public double Microseconds => Result.Seconds * 1e6;

    /// <summary>In 10^9 bytes of the buffer per second; 0 where nothing takes time.</summary>
    public double Algbw => Result.Seconds > 0 ? Bytes / Result.Seconds / 1e9 : 0;

    /// <summary>What the busiest link of a network of equal links would carry at least, as in benchmarks.</summary>
    public double Busbw => Algbw * Schedule.Collective.BusFactor(Schedule.Ranks);

    /// <summary>The link that was sending longest, by the names of its ends; null where nothing was sent.</summary>
    public string? BusiestLink => Result.BusiestLink is >= 0 and var link ? NameOf(link) : null;

    /// <summary>A link, which is one direction, by the names of its ends: <c>gpu0>gpu1</c>.</summary>
    public string NameOf(int link) => $"{Graph.Nodes[Graph.Links[link].From].Name}>{Graph.Nodes[Graph.Links[link].To].Name}";
}
