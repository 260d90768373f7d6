namespace HpcTrain.Drawing;

/// <summary>Which part of a line of text its x coordinate means.</summary>
public enum TextAnchor
{
    /// <summary>The beginning.</summary>
    Start,

    /// <summary>The middle.</summary>
    Middle,

    /// <summary>The end.</summary>
    End,
}

/// <summary>How heavy the letters are.</summary>
public enum TextWeight
{
    /// <summary>Running text.</summary>
    Regular,

    /// <summary>Titles.</summary>
    Bold,
}

/// <summary>How a line of text looks.</summary>
/// <param name="Size">The font size, in CSS pixels.</param>
/// <param name="Paint">Its colour: a class of <see cref="Drawing.Paint"/>.</param>
/// <param name="Anchor">Which part of the text its x coordinate means.</param>
/// <param name="Weight">How heavy the letters are.</param>
public readonly record struct TextStyle(
    double Size, string Paint = Paint.Text, TextAnchor Anchor = TextAnchor.Start, TextWeight Weight = TextWeight.Regular)
{
    internal static TextStyle Title => new(18, Weight: TextWeight.Bold);

    internal static TextStyle PanelTitle => new(14, Weight: TextWeight.Bold);

    internal static TextStyle Subtitle => new(13, Drawing.Paint.Muted);

    internal static TextStyle Label => new(12);

    internal static TextStyle Tick => new(12, Drawing.Paint.Muted);

    internal static TextStyle Note => new(11, Drawing.Paint.Muted);

    internal double LineHeight => Size * 1.35;

    /// <summary>The baseline of a line whose small letters have their middle at <paramref name="y"/>.</summary>
    internal double BaselineAround(double y) => y + (Size * 0.35);
}
