namespace HpcTrain.Topology;

/// <summary>A grid of any number of dimensions whose lines are closed to circles; without <c>wrap</c>, a plain grid.</summary>
internal sealed class Torus : BuiltInTopology
{
    public override string Name => "torus";

    public override string Description => "a grid of nodes whose lines are circles, or with wrap=false are not";

    public override IReadOnlyList<TopologyParameter> Parameters { get; } = CommonParameters.Network(
        new TopologyParameter("dims", "4x4", "nodes along each dimension"), new TopologyParameter("wrap", "true", "whether lines are circles"));

    internal override LinkGraph Create(TopologyArguments arguments)
    {
        int[] sizes = arguments.Integers("dims", 1, Grid.MostNodes);
        long nodes = 1;
        foreach (int size in sizes)
        {
            nodes *= size;
            if (nodes > Grid.MostNodes)
                throw arguments.Wrong("dims", $"at most {Grid.MostNodes} nodes together");
        }

        return Grid.Create(sizes, arguments.Boolean("wrap"), arguments);
    }
}
