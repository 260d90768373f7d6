namespace HpcTrain.Drawing;

/// <summary>Where the bars of a chart stand from left to right: groups at equal distances, in each a slot per series.</summary>
/// <param name="Left">Where the first group begins.</param>
/// <param name="Pitch">From one group to the next.</param>
/// <param name="Series">How many bars a group has.</param>
internal sealed record BarPlaces(double Left, double Pitch, int Series)
{
    private const double WidestSlot = 46, WidestGap = 2, GroupShare = 0.8, LeastNameWidth = 36;

    /// <summary>The width of a bar.</summary>
    public double Bar => Slot - Math.Min(WidestGap, Slot / 5);

    /// <summary>The least distance of the middles of two bars.</summary>
    public double Distance => Series > 1 ? Math.Min(Slot, Pitch - ((Series - 1) * Slot)) : Pitch;

    /// <summary>Groups of few pixels are not all named: every how manieth is.</summary>
    public int NameStride => (int)Math.Ceiling(LeastNameWidth / Pitch);

    private double Slot => Math.Min(WidestSlot, Pitch * GroupShare / Math.Max(1, Series));

    /// <summary>The middle of a group.</summary>
    public double GroupMiddle(int group) => Left + ((group + 0.5) * Pitch);

    /// <summary>The middle of a bar.</summary>
    public double BarMiddle(int group, int series) => GroupMiddle(group) + ((series - ((Series - 1) / 2.0)) * Slot);
}
