namespace HpcTrain.Data.Loading;

/// <summary>How the samples of a step are divided among the ranks: contiguous parts, in the order of ranks.</summary>
internal sealed class StepParts
{
    private readonly int ranks;
    private readonly double[]? ends;

    /// <param name="ranks">How many.</param>
    /// <param name="shares">A positive number for each rank, or null for equal parts.</param>
    public StepParts(int ranks, IReadOnlyList<double>? shares)
    {
        this.ranks = ranks;
        if (shares is null)
            return;
        var total = shares.Sum();
        var end = 0.0;
        ends = [.. shares.Select(share => (end += share) / total)];
        ends[^1] = 1;
    }

    /// <summary>
    /// A rank's part of a step of <paramref name="global"/> samples. Equal parts differ by at most one, low ranks have the larger ones; others end where the shares up to them do, rounded.
    /// </summary>
    public (int Offset, int Count) Of(int global, int rank)
    {
        if (ends is null)
        {
            var (share, rest) = Math.DivRem(global, ranks);
            return (rank * share + Math.Min(rank, rest), share + (rank < rest ? 1 : 0));
        }
        var begin = rank == 0 ? 0 : EndOf(global, rank - 1);
        return (begin, EndOf(global, rank) - begin);
    }

    private int EndOf(int global, int rank) => (int)Math.Round(global * ends![rank], MidpointRounding.AwayFromZero);
}
