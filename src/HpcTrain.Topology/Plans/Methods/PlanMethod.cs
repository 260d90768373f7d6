using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>What a method makes of a collective: how fast, why not faster, and on demand the trees, which cost more time to find than their rate.</summary>
/// <param name="Name">What it is called (<see cref="PlanMethods"/>).</param>
/// <param name="Optimum">The best rate that it reaches, in 10^9 bytes of the whole buffer per second (algbw).</param>
/// <param name="Cut">What limits it.</param>
/// <param name="MakeTrees">Finds trees that reach it.</param>
internal sealed record PlanMethod(string Name, Rational Optimum, LimitingCut Cut, Func<ImmutableArray<PlanTree>> MakeTrees)
{
    /// <summary>A packing that is there.</summary>
    public static PlanMethod Of(LinkGraph graph, TreePacking packing, string name) =>
        new(name, packing.Optimum, packing.Cut, () => LinkPlan.Of(graph, packing, name).Trees);
}
