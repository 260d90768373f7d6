namespace HpcTrain.Drawing;

/// <summary>Ticks at multiples of 1, 2 or 5 times a power of ten, in the prefix that the labels show.</summary>
internal static class LinearTicks
{
    private const int MostSteps = 12;
    private const double Narrowest = 1e-6, Zero = 1e-100;

    /// <summary>Tick sets for a range, from the densest to one of a step or two. The range grows to whole steps.</summary>
    public static IEnumerable<TickSet> Choices(double min, double max, Unit unit)
    {
        // A range too narrow for its place on the number line has no distinct ticks.
        double largest = Math.Max(Math.Abs(min), Math.Abs(max)), room = largest * 0.1;
        if (largest < Zero)
            max = min + 1;
        else if (max - min <= largest * Narrowest)
            (min, max) = (min - room, max + room);

        double factor = unit.FactorFor(Math.Max(Math.Abs(min), Math.Abs(max)));
        double densest = (max - min) / factor / MostSteps;
        int power = (int)Math.Floor(Math.Log10(densest));
        for (int i = 0; ; i++)
        {
            double step = new[] { 1, 2, 5 }[i % 3] * Math.Pow(10, power + (i / 3)) * factor;
            if (step < densest * factor)
                continue;
            yield return WithStep(step);
            if (step >= max - min)
                yield break;
        }

        TickSet WithStep(double step)
        {
            // A hair is forgiven, so that 0.3 ends an axis with steps of 0.1.
            double first = Math.Floor((min / step) + 1e-9), last = Math.Ceiling((max / step) - 1e-9);
            double greatest = Math.Max(Math.Abs(first), Math.Abs(last)) * step;
            var ticks = new List<Tick>();
            for (double i = first; i <= last; i++)
                ticks.Add(new(i * step, unit.FormatTick(i * step, greatest, step)));
            return new(Math.Min(min, first * step), Math.Max(max, last * step), ticks, []);
        }
    }
}
