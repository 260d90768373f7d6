using HpcTrain.Drawing;

namespace HpcTrain.Topology.Drawings;

/// <summary>The way of a line over the drawing: straight, or a parabola.</summary>
/// <param name="From">Where it begins, the middle of a node.</param>
/// <param name="Control">The point that the curve is drawn towards; on the straight line where it is straight.</param>
/// <param name="To">Where it ends.</param>
internal readonly record struct Route(Spot From, Spot Control, Spot To)
{
    /// <summary>A line whose middle lies so far to the side, on the left as one walks along it.</summary>
    public static Route Bent(Spot from, Spot to, double bend)
    {
        Spot along = to - from;
        Spot side = along.Length == 0 ? default : new Spot(along.Y, -along.X) * (1 / along.Length);
        return new(from, ((from + to) * 0.5) + (side * (2 * bend)), to);
    }

    public double Length => (Control - From).Length + (To - Control).Length;

    /// <summary>The point at a part of the way, from 0 to 1.</summary>
    public Spot At(double part) => (From * ((1 - part) * (1 - part))) + (Control * (2 * part * (1 - part))) + (To * (part * part));

    /// <summary>The direction at a part of the way, of length 1.</summary>
    public Spot Heading(double part)
    {
        Spot way = ((Control - From) * (1 - part)) + ((To - Control) * part);
        return way.Length == 0 ? new(1, 0) : way * (1 / way.Length);
    }

    /// <summary>Points along it, near enough to each other that no node or label fits between.</summary>
    public IEnumerable<Spot> Points()
    {
        int count = Math.Max(8, (int)(Length / 8));
        for (int i = 0; i <= count; i++)
            yield return At((double)i / count);
    }

    /// <summary>The same, shifted to its left.</summary>
    public Route Beside(double distance)
    {
        Spot along = To - From;
        Spot shift = along.Length == 0 ? default : new Spot(along.Y, -along.X) * (distance / along.Length);
        return new(From + shift, Control + shift, To + shift);
    }

    public Route Moved(Spot by) => new(From + by, Control + by, To + by);

    /// <summary>The part of the way at which it enters a box around its end.</summary>
    public double EntryInto(Box box)
    {
        for (double part = 0.99; part > 0.5; part -= 0.01)
        {
            Spot spot = At(part);
            if (spot.X < box.X || spot.X > box.Right || spot.Y < box.Y || spot.Y > box.Bottom)
                return part;
        }

        return 0.5;
    }

    /// <summary>The <c>d</c> of its path.</summary>
    public string Path() => $"M{Text(From)}Q{Text(Control)} {Text(To)}";

    private static string Text(Spot spot) => $"{SvgWriter.Number(spot.X)} {SvgWriter.Number(spot.Y)}";
}
