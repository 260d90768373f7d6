using System.Collections.Immutable;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>One algorithm at its place in a hierarchy.</summary>
/// <param name="Algorithm">What runs.</param>
/// <param name="Spec">For how many ranks, with which root.</param>
/// <param name="Ranks">The ranks of the whole that play them.</param>
/// <param name="Blocks">The chunks of the whole on which it works, see <see cref="PlacedSchedule.Blocks"/>.</param>
internal sealed record HierarchyPart(Algorithm Algorithm, ScheduleSpec Spec, ImmutableArray<int> Ranks, ImmutableArray<ImmutableArray<int>> Blocks)
{
    /// <summary>The number of chunks of the whole, which are all alike, on which it works.</summary>
    public long Weight { get; } = Blocks.Sum(block => block.Length);

    /// <summary>The messages that stand for one of the algorithm's, as chunks that are no neighbours travel one by one.</summary>
    public int Pieces { get; } = Blocks.Max(block => block.Where((chunk, i) => i == 0 || chunk != block[i - 1] + 1).Count());

    /// <summary>What it takes when the whole buffer has <paramref name="chunks"/> chunks and so many bytes.</summary>
    public double Seconds(long bytes, int chunks, CostModel model) =>
        Algorithm.Seconds(Spec, (long)((double)bytes / chunks * Weight), model with { Alpha = model.Alpha * Pieces });
}
