namespace HpcTrain.Collectives.Algorithms;

/// <summary>Numbers the ranks from the root on, round the end: position 0 is the root.</summary>
internal readonly record struct RootedOrder(int Root, int Ranks)
{
    public RootedOrder(ScheduleSpec spec)
        : this(spec.RootOrNone ?? 0, spec.Ranks)
    {
    }

    public int RankAt(int position) => (Root + position) % Ranks;

    public int PositionOf(int rank) => (rank - Root + Ranks) % Ranks;
}
