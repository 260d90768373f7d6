namespace HpcTrain.Data;

/// <summary>What becomes of the ends of lines in a text.</summary>
public enum NewlineRule
{
    /// <summary>CR LF and CR become LF.</summary>
    Lf,

    /// <summary>As <see cref="Lf"/>; then a single line end becomes a space, and several in a row, which end a paragraph, become two.</summary>
    Unwrap,

    /// <summary>They stay as they are.</summary>
    Keep,
}
