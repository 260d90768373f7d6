using System.Globalization;
using HpcTrain.Drawing;

namespace HpcTrain.Topology.Drawings;

/// <summary>How lines of a sort look: links of one name and bandwidth.</summary>
/// <param name="Name">What they are made of.</param>
/// <param name="Bandwidth">Of each.</param>
/// <param name="Width">How wide they are drawn.</param>
/// <param name="Stroke">The class of their colour.</param>
/// <param name="Text">What the legend says.</param>
internal sealed record LinkLook(string Name, Rational Bandwidth, double Width, string Stroke, string Text);

/// <summary>
/// The looks of all lines. Areas are compared more easily than widths, and bandwidths differ by factors of 20 in one machine: widths grow with the root of the
/// bandwidth. Sorts have colours of their own, unless colours tell trees apart.
/// </summary>
internal sealed class LinkLooks
{
    private const double Widest = 8, WidestOfMany = 5, WidestWithTrees = 15, Thinnest = 1.6;

    private const int Many = 48;

    // Blue is for ranks; neighbours in this order differ most.
    private static readonly int[] s_colors = [2, 1, 7, 4, 5, 3, 6];

    private readonly Dictionary<(string Name, Rational Bandwidth), LinkLook> _looks = [];

    public LinkLooks(Sketch sketch, bool isPlain)
    {
        var sorts = sketch.Links.GroupBy(link => (link.Name, link.Bandwidth)).OrderByDescending(sort => sort.Key.Bandwidth).ThenBy(sort => sort.Key.Name, StringComparer.Ordinal).ToArray();
        double widest = sketch.Links.Count > Many ? WidestOfMany : isPlain ? WidestWithTrees : Widest;
        foreach ((int index, IGrouping<(string Name, Rational Bandwidth), SketchLink> sort) in sorts.Index())
        {
            double width = Math.Max(Thinnest, widest * Math.Sqrt((double)sort.Key.Bandwidth / (double)sorts[0].Key.Bandwidth));
            string stroke = isPlain ? Paint.Grid : sorts.Length == 1 ? Paint.Axis : Paint.Stroke(s_colors[index % s_colors.Length]);
            int count = sort.Sum(link => link.Count);
            string name = sort.Key.Name.Length > 0 ? $"{sort.Key.Name}: " : "", oneWay = sort.All(link => link.IsOneWay) ? ", one way" : "";
            _looks.Add(sort.Key, new(sort.Key.Name, sort.Key.Bandwidth, width, stroke, string.Create(
                CultureInfo.InvariantCulture, $"{name}{Number(sort.Key.Bandwidth)} GB/s{oneWay} ({count} {(count == 1 ? "link" : "links")})")));
        }
    }

    public IReadOnlyCollection<LinkLook> All => _looks.Values;

    public LinkLook this[SketchLink link] => _looks[(link.Name, link.Bandwidth)];

    /// <summary>A bandwidth as labels have it.</summary>
    public static string Number(Rational bandwidth)
    {
        double value = (double)bandwidth;
        return value.ToString(value < 1 ? "0.###" : "0.##", CultureInfo.InvariantCulture);
    }
}
