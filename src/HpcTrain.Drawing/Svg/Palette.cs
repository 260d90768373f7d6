namespace HpcTrain.Drawing;

/// <summary>A colour with a variant for each mode, as <c>#rrggbb</c>.</summary>
/// <param name="Name">What a person calls it; the CSS variable is <c>--hpc-</c> and this name.</param>
/// <param name="Light">On a light background.</param>
/// <param name="Dark">On a dark background.</param>
public sealed record ThemeColor(string Name, string Light, string Dark);

/// <summary>
/// The colours of every drawing. Those of the series have a contrast of 3 and more to the background, and any two of them are told
/// apart by people with protanopia, deuteranopia and tritanopia too (the tests measure both). The first ones differ most.
/// </summary>
public static class Palette
{
    /// <summary>What everything is drawn on.</summary>
    public static ThemeColor Background { get; } = new("background", "#ffffff", "#111827");

    /// <summary>Titles and labels.</summary>
    public static ThemeColor Text { get; } = new("text", "#1f2937", "#e5e7eb");

    /// <summary>Text of less weight: ticks, subtitles, notes.</summary>
    public static ThemeColor Muted { get; } = new("muted", "#5b6472", "#a3acba");

    /// <summary>Grid lines.</summary>
    public static ThemeColor Grid { get; } = new("grid", "#e5e7eb", "#2b3544");

    /// <summary>Axis lines, tick marks, outlines.</summary>
    public static ThemeColor Axis { get; } = new("axis", "#9ca3af", "#6b7280");

    /// <summary>The colours of series, in the order of their use.</summary>
    public static IReadOnlyList<ThemeColor> Series { get; } =
    [
        new("blue", "#2e60e9", "#5ea1ff"),
        new("orange", "#f06b23", "#fb6f13"),
        new("green", "#2ba38e", "#98f7db"),
        new("pink", "#b701a1", "#c97aab"),
        new("gold", "#875903", "#fbcd25"),
        new("sky", "#244c68", "#55c8f9"),
        new("red", "#8e0233", "#fc9fa8"),
        new("violet", "#8d7fd0", "#8568f8"),
    ];
}
