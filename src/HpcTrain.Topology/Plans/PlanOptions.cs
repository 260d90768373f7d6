namespace HpcTrain.Topology;

/// <summary>Who plans.</summary>
public enum PlanPlanner
{
    /// <summary>Max-flows and exact packings: reaches the optimum.</summary>
    Exact,

    /// <summary>Multiplicative weights and an integer programme, to compare with the paper (<see cref="BlinkPacking"/>, which tells of a patent).</summary>
    Blink,

    /// <summary>The rings that NCCL 2.4.2 would take, to compare with on the same links (<see cref="RingRate"/>).</summary>
    Rings,
}

/// <summary>Which links a plan uses, where a graph has PCIe beside links between devices.</summary>
public enum PlanLinks
{
    /// <summary>Those between devices (NVLink, xGMI, through an NVSwitch) if they join all ranks; otherwise all.</summary>
    Device,

    /// <summary>All, as one graph.</summary>
    All,

    /// <summary>Two plans, over the links between devices and over the host's, that run side by side and end together (<see cref="HybridSplit"/>).</summary>
    Hybrid,
}

/// <summary>What is to be planned.</summary>
public sealed record PlanOptions
{
    /// <summary>The collective.</summary>
    public PackedCollective Collective { get; init; } = PackedCollective.AllReduce;

    /// <summary>The rank that has the data of a broadcast; of no matter otherwise.</summary>
    public int Root { get; init; }

    /// <summary>Who plans.</summary>
    public PlanPlanner Planner { get; init; } = PlanPlanner.Exact;

    /// <summary>The most trees, at least 1; null: as many as it takes.</summary>
    public int? MostTrees { get; init; }

    /// <summary>Which links are used.</summary>
    public PlanLinks Links { get; init; } = PlanLinks.Device;

    /// <summary>The size of the buffer in bytes, on which the split of <see cref="PlanLinks.Hybrid"/> depends where switching costs time; null: so large that it does not.</summary>
    public long? Bytes { get; init; }

    /// <summary>What it costs to begin with the host's links beside the others, in seconds.</summary>
    public double SwitchSeconds { get; init; }

    /// <summary>The bandwidth in 10^9 bytes per second of NCCL's ring where the links between devices have none; null: what the host's links carry, or 10.</summary>
    public Rational? Fallback { get; init; }
}
