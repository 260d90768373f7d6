namespace HpcTrain.Topology;

/// <summary>
/// The dragonfly of Kim, Dally, Scott and Abts (ISCA 2008): groups of a routers, all linked to each other, with p nodes and h links to other groups each.
///
/// A group has a h global ports. They are shared equally among the g - 1 other groups, nearest number first; ports that are left over stay
/// unused, and so every two groups are joined alike. The links between two groups go out by consecutive ports, that is, by routers side by side. The
/// largest dragonfly has g = a h + 1 groups, one link for each two; a = 2 p = 2 h balances the load.
/// </summary>
internal sealed class Dragonfly : BuiltInTopology
{
    public override string Name => "dragonfly";

    public override string Description => "g groups of a routers with p nodes and h links to other groups each";

    public override IReadOnlyList<TopologyParameter> Parameters { get; } = CommonParameters.Network(
        new TopologyParameter("a", "4", "routers in a group"), new TopologyParameter("p", "2", "nodes at a router"),
        new TopologyParameter("h", "2", "links of a router to other groups"), new TopologyParameter("g", "max", "groups; max: a h + 1"));

    public override string Example => "dragonfly:a=4,p=2,h=2,g=9";

    internal override LinkGraph Create(TopologyArguments arguments)
    {
        int a = arguments.Integer("a", 1, 64), p = arguments.Integer("p", 1, 64), h = arguments.Integer("h", 0, 64);
        int most = (a * h) + 1, g = arguments["g"] == "max" ? most : arguments.Integer("g", 1, most);
        if ((long)a * p * g > Grid.MostNodes)
            throw arguments.Wrong("g", $"at most {Grid.MostNodes / (a * p)}, so that there are no more than {Grid.MostNodes} nodes");
        Rational bandwidth = arguments.Bandwidth();
        double latency = arguments.LatencySeconds();
        var graph = new GraphAssembly();
        var routers = new int[g, a];
        for (int group = 0, node = 0; group < g; group++)
        {
            for (int router = 0; router < a; router++)
            {
                int here = routers[group, router] = graph.Add(NodeKind.Switch, $"group{group}.router{router}", -1);
                for (int other = 0; other < router; other++)
                    graph.Connect(routers[group, other], here, bandwidth, "", latency);
                for (int i = 0; i < p; i++, node++)
                    graph.Connect(graph.Add(NodeKind.Rank, $"node{node}", node), here, bandwidth, "", latency);
            }
        }

        int copies = g == 1 ? 0 : a * h / (g - 1);
        for (int group = 0; group < g; group++)
        {
            for (int other = group + 1; other < g; other++)
            {
                // Seen from each group, the other one lies this far ahead.
                int ahead = other - group, back = g - ahead;
                for (int copy = 0; copy < copies; copy++)
                {
                    int port = ((ahead - 1) * copies) + copy, peer = ((back - 1) * copies) + copy;
                    graph.Connect(routers[group, port / h], routers[other, peer / h], bandwidth, "global", latency);
                }
            }
        }

        return graph.ToGraph(arguments.Specification);
    }
}
