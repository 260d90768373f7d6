using HpcTrain.Topology.Drawings;

namespace HpcTrain.Topology;

/// <summary>
/// Topologies as SVG drawings, for light and dark mode. Lines are as wide as their bandwidth allows; known shapes (rings, grids, hypercubes, quads, stars, trees of
/// switches, groups, boxes) are found by how the nodes are linked.
/// </summary>
public static class TopologyDrawing
{
    /// <summary>The most nodes that are drawn one by one. Beyond, ranks are counted at their switches, or nodes that are linked alike are drawn as one.</summary>
    public const int MostNodes = 80;

    /// <summary>Draws the topology.</summary>
    /// <param name="graph">The topology.</param>
    /// <param name="options">What is shown beside it; null for nothing.</param>
    /// <exception cref="TopologyException">It is too large and too irregular to be summed up, or has no links of the kind that was asked for; the sentence says what to do.</exception>
    public static string ToSvg(this LinkGraph graph, TopologyDrawingOptions? options = null)
    {
        options ??= new();
        Sketch sketch = Sketches.Choose(graph, options.Links);
        return new TopologyPicture(graph, sketch, options).Draw();
    }

    /// <summary>Draws the topology of a plan with its trees and what limits it.</summary>
    /// <exception cref="TopologyException">As for the topology alone.</exception>
    public static string ToSvg(this LinkPlan plan) => plan.Graph.ToSvg(TopologyDrawingOptions.Of(plan));
}
