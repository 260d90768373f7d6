using System.Collections.Immutable;

namespace HpcTrain.Pipelines;

/// <summary>What a pipeline costs: its chunks, the links between ranks, and the step.</summary>
public sealed record PipelineCosts
{
    /// <summary>The cost of each chunk.</summary>
    public required ImmutableArray<ChunkCost> Chunks { get; init; }

    /// <summary>Seconds from the end of sending to the arrival, whatever the length.</summary>
    public double LatencySeconds { get; init; }

    /// <summary>The rate of a link, in each direction between two ranks.</summary>
    public double BytesPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>Seconds of the optimizer's step.</summary>
    public double StepSeconds { get; init; }

    /// <summary>Equal chunks in slots of time: a forward and the halves of a backward take one each, messages none.</summary>
    public static PipelineCosts Slots(int chunks) => new() { Chunks = [.. Enumerable.Repeat(new ChunkCost(1, 1, 1), chunks)] };
}
