namespace HpcTrain.Topology;

/// <summary>Nodes in a circle, each linked to the next in both directions.</summary>
internal sealed class Ring : BuiltInTopology
{
    public override string Name => "ring";

    public override string Description => "n nodes in a circle";

    public override IReadOnlyList<TopologyParameter> Parameters { get; } = CommonParameters.Network(new TopologyParameter("n", "8", "number of nodes"));

    internal override LinkGraph Create(TopologyArguments arguments) => Grid.Create([arguments.Integer("n", 1, Grid.MostNodes)], wrap: true, arguments);
}
