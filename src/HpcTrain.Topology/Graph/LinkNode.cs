namespace HpcTrain.Topology;

/// <summary>What a node of a link graph is.</summary>
public enum NodeKind
{
    /// <summary>A rank, or a GPU that will be one: where data begin and end.</summary>
    Rank,

    /// <summary>A network interface: data pass through.</summary>
    Nic,

    /// <summary>A switch, of whatever kind (NVSwitch, PCIe, network): data pass through.</summary>
    Switch,

    /// <summary>A host: its processors and memory, through which data pass.</summary>
    Host,
}

/// <summary>A node of a link graph.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name, unique in the graph: <c>gpu0</c>, <c>nvswitch</c>, <c>leaf3</c>.</param>
/// <param name="Box">The number of the machine that it is in, from 0; -1 outside of machines, as for switches between them.</param>
public sealed record LinkNode(NodeKind Kind, string Name, int Box = 0)
{
    /// <summary>Whether data only pass through it.</summary>
    public bool IsTransit => Kind != NodeKind.Rank;
}

/// <summary>A directed link.</summary>
/// <param name="From">The node that it leaves, by number.</param>
/// <param name="To">The node that it enters, by number.</param>
/// <param name="Bandwidth">In 10^9 bytes per second, exact; positive.</param>
/// <param name="LatencySeconds">What a message needs beyond its bytes; 0 where nobody knows.</param>
/// <param name="Name">What it is made of, for pictures and reports: <c>NV2</c>, <c>PCIe 4 x16</c>; may be empty.</param>
public sealed record Link(int From, int To, Rational Bandwidth, double LatencySeconds = 0, string Name = "");
