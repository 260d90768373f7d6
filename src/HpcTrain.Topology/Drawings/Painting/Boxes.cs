using HpcTrain.Drawing;

namespace HpcTrain.Topology.Drawings;

/// <summary>Geometry of rectangles.</summary>
internal static class Boxes
{
    public static Box Grown(this Box box, double by) => new(box.X - by, box.Y - by, box.Width + (2 * by), box.Height + (2 * by));

    public static bool Holds(this Box box, Spot spot) => spot.X >= box.X && spot.X <= box.Right && spot.Y >= box.Y && spot.Y <= box.Bottom;

    public static bool Overlaps(this Box box, Box other) => box.X < other.Right && other.X < box.Right && box.Y < other.Bottom && other.Y < box.Bottom;

    public static Box Moved(this Box box, Spot by) => new(box.X + by.X, box.Y + by.Y, box.Width, box.Height);

    /// <summary>The least rectangle around all of them; there must be one.</summary>
    public static Box Around(IEnumerable<Box> boxes) => boxes.Aggregate((a, b) =>
    {
        double x = Math.Min(a.X, b.X), y = Math.Min(a.Y, b.Y);
        return new(x, y, Math.Max(a.Right, b.Right) - x, Math.Max(a.Bottom, b.Bottom) - y);
    });
}
