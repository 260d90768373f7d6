namespace HpcTrain.Drawing;

/// <summary>The shapes that mark points, so that lines differ by more than their colour.</summary>
internal enum MarkerShape
{
    Circle,
    Square,
    TriangleUp,
    Diamond,
    TriangleDown,
    Hexagon,
    Bar,
}

internal static class Markers
{
    private const double Radius = 4;

    /// <summary>A marker with its middle at a point; the tooltip is shown where the pointer rests on it.</summary>
    public static void Draw(SvgWriter svg, double x, double y, SeriesLook look, string? tooltip = null)
    {
        string paint = $"{look.Fill} {Paint.Halo}";
        using SvgWriter.Scope marker = look.Marker == MarkerShape.Circle
            ? svg.Begin("circle", ("cx", x), ("cy", y), ("r", Radius), ("stroke-width", 1), ("class", paint))
            : svg.Begin("path", ("d", SvgWriter.PathThrough(Corners(look.Marker).Select(c => (x + (c.X * Radius), y + (c.Y * Radius)))) + "Z"),
                ("stroke-width", 1), ("class", paint));
        if (tooltip is not null)
            svg.Tooltip(tooltip);
    }

    // In radii; all shapes cover about the same area as the circle.
    private static (double X, double Y)[] Corners(MarkerShape shape) => shape switch
    {
        MarkerShape.Square => [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        MarkerShape.TriangleUp => [(0, -1.3), (1.2, 0.9), (-1.2, 0.9)],
        MarkerShape.Diamond => [(0, -1.35), (1.15, 0), (0, 1.35), (-1.15, 0)],
        MarkerShape.TriangleDown => [(0, 1.3), (1.2, -0.9), (-1.2, -0.9)],
        MarkerShape.Hexagon => [(-1.15, 0), (-0.6, -1), (0.6, -1), (1.15, 0), (0.6, 1), (-0.6, 1)],
        _ => [(-0.5, -1.4), (0.5, -1.4), (0.5, 1.4), (-0.5, 1.4)],
    };
}
