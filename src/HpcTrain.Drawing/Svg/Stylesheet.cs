using System.Text;

namespace HpcTrain.Drawing;

/// <summary>
/// The CSS of every drawing. Browsers take the colours from variables, which the reader's dark mode changes and a page that holds
/// the drawing may override. Programs that know no variables (librsvg, office suites) ignore them and keep the light colour that
/// stands before each. All names begin with hpc-, so that several drawings fit into one page.
/// </summary>
internal static class Stylesheet
{
    private static readonly ThemeColor[] _colors =
        [Palette.Background, Palette.Text, Palette.Muted, Palette.Grid, Palette.Axis, .. Palette.Series];

    public static string Text { get; } = Compose();

    private static string Compose()
    {
        var css = new StringBuilder("\n");
        css.Append($"    .{Paint.Root} {{ {Variables(color => color.Light)} }}\n");
        css.Append($"    @media (prefers-color-scheme: dark) {{ .{Paint.Root} {{ {Variables(color => color.Dark)} }} }}\n");
        Rule(Paint.Background, "fill", Palette.Background);
        Rule(Paint.Text, "fill", Palette.Text);
        Rule(Paint.Muted, "fill", Palette.Muted);
        Rule(Paint.Grid, "stroke", Palette.Grid);
        Rule(Paint.Axis, "stroke", Palette.Axis);
        Rule(Paint.Ink, "stroke", Palette.Text);
        Rule(Paint.Halo, "stroke", Palette.Background);
        for (int i = 0; i < Palette.Series.Count; i++)
        {
            Rule(Paint.Fill(i), "fill", Palette.Series[i]);
            Rule(Paint.Stroke(i), "stroke", Palette.Series[i]);
        }
        return css.Append("  ").ToString();

        void Rule(string name, string property, ThemeColor color) =>
            css.Append($"    .{name} {{ {property}: {color.Light}; {property}: var(--hpc-{color.Name}) }}\n");
    }

    private static string Variables(Func<ThemeColor, string> variant) =>
        string.Join("; ", _colors.Select(color => $"--hpc-{color.Name}: {variant(color)}"));
}
