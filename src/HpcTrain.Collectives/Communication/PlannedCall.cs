using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Collectives.Node;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <summary>What the decision how to do a call depends on.</summary>
internal readonly record struct CallKey(CollectiveKind Collective, long Count, ElementType Type, ReduceOp Op, int Root, CollectiveOptions Options)
{
    public static CallKey Of(in CollectiveCall call, CollectiveOptions options) => new(call.Collective, call.Count, call.Type, call.Op, call.Root, options);

    /// <summary>Whether a call is of this kind; options count as the same only when they are the same object.</summary>
    public bool Matches(in CollectiveCall call, CollectiveOptions options) =>
        Count == call.Count && Collective == call.Collective && Type == call.Type && Op == call.Op && Root == call.Root && ReferenceEquals(Options, options);
}

/// <summary>How a call is done: decided once, then remembered.</summary>
internal sealed class PlannedCall
{
    public required CallKey Key { get; init; }

    /// <summary>What the recorder keeps of how it is done.</summary>
    public required FlightLabel Label { get; init; }

    /// <summary>What the recorder keeps of the call itself.</summary>
    public required long Signature { get; init; }

    /// <summary>What the executor's operations share; not set when memory is shared.</summary>
    public OperationShape Shape { get; init; } = OperationShape.OnNode;

    /// <summary>How the node's engine does it; null when the executor does.</summary>
    public NodePlan? Node { get; init; }

    /// <summary>How it is done level by level; null when it is not.</summary>
    public Levels.LevelPlan? Levels { get; init; }

    /// <summary>Why it is done so, in words; null until an observer asks.</summary>
    public string? Reason { get; set; }

    /// <summary>What an operation without a schedule reports.</summary>
    public CollectiveResult Result { get; init; }
}
