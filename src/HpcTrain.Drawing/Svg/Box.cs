namespace HpcTrain.Drawing;

/// <summary>A rectangle of a drawing, in its units (CSS pixels at its natural size); y grows downwards.</summary>
/// <param name="X">The left edge.</param>
/// <param name="Y">The upper edge.</param>
/// <param name="Width">How wide it is; at least 0.</param>
/// <param name="Height">How high it is; at least 0.</param>
public readonly record struct Box(double X, double Y, double Width, double Height)
{
    /// <summary>The right edge.</summary>
    public double Right => X + Width;

    /// <summary>The lower edge.</summary>
    public double Bottom => Y + Height;

    /// <summary>What is left when a strip of that height is taken off the top.</summary>
    public Box Below(double height) => new(X, Y + height, Width, Math.Max(0, Height - height));
}
