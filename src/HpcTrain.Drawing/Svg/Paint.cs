namespace HpcTrain.Drawing;

/// <summary>
/// The values of <c>class</c> that colour an element. Each sets only <c>fill</c> or only <c>stroke</c>; several are joined by a space.
/// A line needs <c>fill="none"</c> besides.
/// </summary>
public static class Paint
{
    /// <summary>Fills with the background.</summary>
    public const string Background = "hpc-background";

    /// <summary>Fills with the colour of titles and labels.</summary>
    public const string Text = "hpc-text";

    /// <summary>Fills with the colour of ticks, subtitles and notes.</summary>
    public const string Muted = "hpc-muted";

    /// <summary>A stroke in the colour of grid lines.</summary>
    public const string Grid = "hpc-grid";

    /// <summary>A stroke in the colour of axes and outlines.</summary>
    public const string Axis = "hpc-axis";

    /// <summary>A stroke in the colour of titles and labels.</summary>
    public const string Ink = "hpc-ink";

    /// <summary>A stroke in the background's colour, which sets an element off from what lies below it.</summary>
    public const string Halo = "hpc-halo";

    internal const string Root = "hpc-drawing";

    /// <summary>The rectangle of a plot. It is not painted, unless a page that holds the drawing gives it a colour.</summary>
    internal const string Plot = "hpc-plot";

    /// <summary>Fills with a colour of the series; the colours begin anew after the last.</summary>
    public static string Fill(int series) => $"hpc-fill-{Index(series)}";

    /// <summary>A stroke in a colour of the series; the colours begin anew after the last.</summary>
    public static string Stroke(int series) => $"hpc-stroke-{Index(series)}";

    private static int Index(int series)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(series);
        return series % Palette.Series.Count;
    }
}
