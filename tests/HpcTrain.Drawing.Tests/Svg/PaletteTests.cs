using System.Globalization;

namespace HpcTrain.Drawing.Tests.Svg;

/// <summary>Contrast as in WCAG 2.1; differences as distances in OKLab, of which about 0.02 is the least that is seen side by side.</summary>
public sealed class PaletteTests
{
    // Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, severity 1.
    private static readonly Dictionary<string, double[]> Visions = new()
    {
        ["full colour vision"] = [1, 0, 0, 0, 1, 0, 0, 0, 1],
        ["protanopia"] = [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
        ["deuteranopia"] = [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881],
        ["tritanopia"] = [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900],
    };

    [Test]
    public void Series_differ_from_each_other_for_all_eyes(
        [Values("full colour vision", "protanopia", "deuteranopia", "tritanopia")] string vision, [Values] bool dark)
    {
        double[][] seen = [.. Palette.Series.Select(color => OkLab(See(Linear(dark ? color.Dark : color.Light), Visions[vision])))];
        for (int i = 0; i < seen.Length; i++)
        {
            for (int j = 0; j < i; j++)
                Assert.That(Distance(seen[i], seen[j]), Is.GreaterThan(0.08), $"{Palette.Series[i].Name} and {Palette.Series[j].Name} in {vision}");
        }
    }

    [Test]
    public void Series_stand_out_from_the_background([Values] bool dark)
    {
        foreach (ThemeColor color in Palette.Series)
            Assert.That(Contrast(color, Palette.Background, dark), Is.GreaterThan(3), color.Name);
    }

    [Test]
    public void Text_can_be_read([Values] bool dark)
    {
        Assert.That(Contrast(Palette.Text, Palette.Background, dark), Is.GreaterThan(7));
        Assert.That(Contrast(Palette.Muted, Palette.Background, dark), Is.GreaterThan(4.5));
    }

    [Test]
    public void The_style_has_each_colour_for_both_modes_and_without_variables()
    {
        string svg = Samples.Latency.ToSvg();
        string[] parts = svg.Split("@media (prefers-color-scheme: dark)");
        foreach (ThemeColor color in (ThemeColor[])[.. Palette.Series, Palette.Background, Palette.Text, Palette.Muted, Palette.Grid, Palette.Axis])
        {
            Assert.That(parts[0], Does.Contain($"--hpc-{color.Name}: {color.Light}"));
            Assert.That(parts[1], Does.Contain($"--hpc-{color.Name}: {color.Dark}").And.Contain($": {color.Light}; ").And.Contain($"var(--hpc-{color.Name})"));
        }
    }

    [Test]
    public void Colours_begin_anew_after_the_last()
    {
        Assert.That(Paint.Fill(8), Is.EqualTo(Paint.Fill(0)));
        Assert.That(Paint.Stroke(9), Is.EqualTo(Paint.Stroke(1)));
        Assert.That(() => Paint.Fill(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static double Contrast(ThemeColor one, ThemeColor other, bool dark)
    {
        double a = Luminance(Linear(dark ? one.Dark : one.Light)), b = Luminance(Linear(dark ? other.Dark : other.Light));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double[] Linear(string color) => [.. Enumerable.Range(0, 3)
        .Select(i => int.Parse(color.AsSpan(1 + (2 * i), 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0)
        .Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4))];

    private static double Luminance(double[] rgb) => (0.2126 * rgb[0]) + (0.7152 * rgb[1]) + (0.0722 * rgb[2]);

    private static double[] See(double[] rgb, double[] vision) => [.. Transform(rgb, vision).Select(c => Math.Clamp(c, 0, 1))];

    private static double[] OkLab(double[] rgb)
    {
        double[] cones = Transform(rgb,
            [0.4122214708, 0.5363325363, 0.0514459929, 0.2119034982, 0.6806995451, 0.1073969566, 0.0883024619, 0.2817188376, 0.6299787005]);
        return Transform([.. cones.Select(Math.Cbrt)],
            [0.2104542553, 0.7936177850, -0.0040720468, 1.9779984951, -2.4285922050, 0.4505937099, 0.0259040371, 0.7827717662, -0.8086757660]);
    }

    private static double[] Transform(double[] v, double[] m) =>
        [.. Enumerable.Range(0, 3).Select(i => (m[3 * i] * v[0]) + (m[(3 * i) + 1] * v[1]) + (m[(3 * i) + 2] * v[2]))];

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
}
