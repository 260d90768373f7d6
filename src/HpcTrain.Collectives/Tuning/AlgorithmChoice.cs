using HpcTrain.Collectives.Node;

namespace HpcTrain.Collectives;

/// <summary>How a call is done, and why so.</summary>
/// <param name="Algorithm">The algorithm's name, never <c>auto</c>.</param>
/// <param name="Path">
/// How the data travel: by messages of the named transport (<c>mpi</c>), or through the memory of one node, by <c>slots</c> (short contributions, one
/// step) or <c>buffers</c>, or both (<c>buffers+mpi</c>) where several nodes have several ranks each.
/// </param>
/// <param name="SegmentBytes">The longest message in bytes; 0 where memory is shared.</param>
/// <param name="Reason">Why, in words: <c>asked for</c>, the rule, or what the alternatives cost.</param>
public sealed record AlgorithmChoice(string Algorithm, string Path, long SegmentBytes, string Reason);

/// <summary>What was decided about a call, before it is put into words.</summary>
/// <param name="Algorithm">The algorithm's name.</param>
/// <param name="Protocol">How the node's engine does it; null when it is done by messages.</param>
/// <param name="SegmentBytes">The longest message in bytes.</param>
/// <param name="Rule">The rule that decided, if one did.</param>
/// <param name="RailAlgorithm">The algorithm between nodes when it goes level by level, through the memory of nodes; else null.</param>
internal readonly record struct AlgorithmDecision(
    string Algorithm, NodeProtocol? Protocol, long SegmentBytes, TuningRule? Rule, string? RailAlgorithm = null)
{
    /// <summary>The schedule that the rule names; null where the algorithm makes its own.</summary>
    public Schedule? Schedule => Rule?.Schedule?.Schedule;
}
