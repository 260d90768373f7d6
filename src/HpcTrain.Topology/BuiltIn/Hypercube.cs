namespace HpcTrain.Topology;

/// <summary>2^d nodes; two are linked when their numbers differ in one bit.</summary>
internal sealed class Hypercube : BuiltInTopology
{
    public override string Name => "hypercube";

    public override string Description => "2^d nodes, linked when their numbers differ in one bit";

    public override IReadOnlyList<TopologyParameter> Parameters { get; } = CommonParameters.Network(new TopologyParameter("d", "3", "dimensions"));

    // A cube is a grid with two nodes along each dimension.
    internal override LinkGraph Create(TopologyArguments arguments) => Grid.Create([.. Enumerable.Repeat(2, arguments.Integer("d", 0, 16))], wrap: false, arguments);
}
