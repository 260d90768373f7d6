namespace HpcTrain.Drawing;

/// <summary>An attribute of an element, as written in code: <c>("x", 12.5)</c> or <c>("class", Paint.Text)</c>.</summary>
/// <param name="Name">The attribute's name.</param>
/// <param name="Value">Its text, not escaped; null leaves the attribute out.</param>
public readonly record struct SvgAttribute(string Name, string? Value)
{
    /// <summary>An attribute that is text.</summary>
    public static implicit operator SvgAttribute((string Name, string? Value) pair) => new(pair.Name, pair.Value);

    /// <summary>An attribute that is a finite number, written as <see cref="SvgWriter.Number"/> does.</summary>
    public static implicit operator SvgAttribute((string Name, double Value) pair) => new(pair.Name, SvgWriter.Number(pair.Value));
}
