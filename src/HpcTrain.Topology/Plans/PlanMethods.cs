namespace HpcTrain.Topology;

/// <summary>The names of methods, as plans, reports and files have them.</summary>
public static class PlanMethods
{
    /// <summary>Packed trees: arborescences of a root, undirected spanning trees, or forests of all roots, whichever the collective needs.</summary>
    public const string Trees = "trees";

    /// <summary>A reduce-scatter and an allgather, whose forests are paired by their roots.</summary>
    public const string ReduceScatterAllGather = "reduce-scatter+allgather";

    /// <summary>Reduce inside each box, exchange between boxes, broadcast inside.</summary>
    public const string ThreePhase = "three-phase";

    /// <summary>A star of one hop for every rank, through a switch.</summary>
    public const string OneHop = "one-hop";

    /// <summary>Blink's trees.</summary>
    public const string Blink = "blink";

    /// <summary>NCCL's rings, as chains along them.</summary>
    public const string Rings = "rings";

    /// <summary>Chains through switches, where few trees are allowed.</summary>
    public const string Chains = "chains";

    /// <summary>Links between devices and the host's at the same time.</summary>
    public const string Hybrid = "hybrid";
}
