using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>Which links a drawing shows.</summary>
public enum DrawnLinks
{
    /// <summary>All.</summary>
    All,

    /// <summary>Those that join GPUs directly or by their own switches: NVLink, xGMI, C2C.</summary>
    NvLink,

    /// <summary>The others: PCIe, between processors, networks.</summary>
    Pcie,
}

/// <summary>What a drawing of a topology shows beside nodes and links.</summary>
public sealed record TopologyDrawingOptions
{
    /// <summary>What stands above it; null for the topology's name, without the folder of a file.</summary>
    public string? Title { get; init; }

    /// <summary>Which links are drawn; nodes other than ranks that no link is left to are left out.</summary>
    public DrawnLinks Links { get; init; }

    /// <summary>Trees of a plan for this graph, drawn along the links in one colour each.</summary>
    public ImmutableArray<PlanTree> Trees { get; init; } = [];

    /// <summary>What limits the plan: its parts are shaded, and its links dashed.</summary>
    public LimitingCut? Cut { get; init; }

    /// <summary>What shows a plan: its trees and its limit.</summary>
    public static TopologyDrawingOptions Of(LinkPlan plan) => new() { Trees = plan.Trees, Cut = plan.Cut };
}
