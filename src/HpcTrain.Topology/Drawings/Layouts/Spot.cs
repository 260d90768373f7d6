using HpcTrain.Drawing;

namespace HpcTrain.Topology.Drawings;

/// <summary>A point of a drawing; y grows downwards.</summary>
internal readonly record struct Spot(double X, double Y)
{
    public static Spot operator +(Spot a, Spot b) => new(a.X + b.X, a.Y + b.Y);

    public static Spot operator -(Spot a, Spot b) => new(a.X - b.X, a.Y - b.Y);

    public static Spot operator *(Spot a, double factor) => new(a.X * factor, a.Y * factor);

    public double Length => Math.Sqrt((X * X) + (Y * Y));

    /// <summary>The point at an angle on a circle around the origin; 0 is at the top, and angles grow clockwise.</summary>
    public static Spot OnCircle(double radius, double angle) => new(radius * Math.Sin(angle), -radius * Math.Cos(angle));

    /// <summary>The rectangle of a size around this point.</summary>
    public Box Around(double width, double height) => new(X - (width / 2), Y - (height / 2), width, height);
}
