namespace HpcTrain.Drawing;

/// <summary>An axis with its range and its ticks.</summary>
internal sealed record AxisLayout(Axis Axis, TickSet Set)
{
    /// <summary>The range that an axis of no values shows.</summary>
    private static readonly double[] _nothing = [1, 10];

    /// <summary>
    /// Takes the densest ticks whose labels have room. When none have, ticks of the sparsest set are dropped until the labels do not
    /// touch.
    /// </summary>
    /// <param name="axis">The axis.</param>
    /// <param name="values">What must lie on it; values that it does not show are left out.</param>
    /// <param name="room">Where the label of a tick lies at that fraction of the axis.</param>
    public static AxisLayout Create(Axis axis, IEnumerable<double> values, Func<double, string, LabelSpan> room)
    {
        double[] shown = [.. values.Concat([axis.From ?? double.NaN, axis.To ?? double.NaN]).Where(axis.Shows)];
        if (shown.Length == 0)
            shown = _nothing;
        double min = shown.Min(), max = shown.Max();

        AxisLayout? last = null;
        foreach (TickSet set in Choices(axis, min, max))
        {
            last = new AxisLayout(axis, set);
            if (last.Kept(room).Count == set.Ticks.Count)
                return last;
        }
        return last! with { Set = last.Set with { Ticks = last.Kept(room) } };
    }

    /// <summary>Where a value lies, from 0 at the beginning of the axis to 1 at its end.</summary>
    public double Fraction(double value)
    {
        double low = Axis.Even(Set.Low), high = Axis.Even(Set.High);
        return Math.Clamp((Axis.Even(value) - low) / (high - low), 0, 1);
    }

    private static IEnumerable<TickSet> Choices(Axis axis, double min, double max)
    {
        if (axis.Scale == AxisScale.Log2)
            return LogTicks.Binary(min, max, axis.Unit);
        if (axis.Scale == AxisScale.Log10)
            return LogTicks.Decimal(min, max, axis.Unit);

        // Without zero only where it would squeeze the values into a sixth of the axis.
        double spread = max - min;
        if (spread == 0 || spread > max / 6)
            min = Math.Min(min, 0);
        if (spread == 0 || spread > -min / 6)
            max = Math.Max(max, 0);
        return LinearTicks.Choices(min, max, axis.Unit);
    }

    private List<Tick> Kept(Func<double, string, LabelSpan> room)
    {
        var kept = new List<Tick>();
        LabelSpan? before = null;
        foreach (Tick tick in Set.Ticks)
        {
            LabelSpan span = room(Fraction(tick.Value), tick.Label);
            if (before is { } other && span.Touches(other))
                continue;
            kept.Add(tick);
            before = span;
        }
        return kept;
    }
}

/// <summary>The stretch of an axis that a label takes, with the distance that it wants from the next.</summary>
internal readonly record struct LabelSpan(double Start, double End)
{
    public bool Touches(LabelSpan other) => Start < other.End && other.Start < End;
}
