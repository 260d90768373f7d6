using System.Globalization;
using HpcTrain.Drawing;

namespace HpcTrain.Topology.Drawings;

/// <summary>What a label says and where it lies.</summary>
internal sealed record LinkLabel(string Text, Box Box);

/// <summary>
/// Puts a label on each line: where it covers no node and no other label, crosses as few other lines as possible, and is near the middle. Short lines choose
/// first, as they have least choice. A line on which there is no such place has none; its width and colour are in the legend.
/// </summary>
internal static class LinkLabels
{
    public static readonly TextStyle Style = new(11, Anchor: TextAnchor.Middle);

    private const double Height = 16, Margin = 3;

    private static readonly double[] s_places = [0.5, 0.45, 0.55, 0.4, 0.6, 0.35, 0.65, 0.3, 0.7, 0.25, 0.75, 0.2, 0.8, 0.15, 0.85];

    /// <summary>Labels by the numbers of lines; null where there is no room.</summary>
    /// <param name="sketch">The lines.</param>
    /// <param name="routes">Their ways.</param>
    /// <param name="taken">Where no label may be: nodes, and the names of boxes.</param>
    public static LinkLabel?[] Place(Sketch sketch, Route[] routes, IEnumerable<Box> taken)
    {
        List<Box> occupied = [.. taken.Select(box => box.Grown(Margin))];
        Spot[][] points = [.. routes.Select(route => route.Points().ToArray())];
        var labels = new LinkLabel?[routes.Length];
        foreach (int line in Enumerable.Range(0, routes.Length).OrderBy(line => Math.Round(routes[line].Length, 3)).ThenBy(line => line))
        {
            SketchLink link = sketch.Links[line];
            string text = link.Count == 1 ? LinkLooks.Number(link.Bandwidth) : string.Create(CultureInfo.InvariantCulture, $"{link.Count} \u00d7 {LinkLooks.Number(link.Bandwidth)}");
            double width = TextMeasure.Width(text, Style) + 6;
            (Box Box, double Cost)[] free =
            [
                .. s_places.Select(place => (Box: routes[line].At(place).Around(width, Height), Place: place)).Where(at => !occupied.Any(box => box.Overlaps(at.Box)))
                    .Select(at => (at.Box, points.Index().Count(other => other.Index != line && other.Item.Any(spot => at.Box.Holds(spot))) + Math.Abs(at.Place - 0.5))),
            ];
            if (free.Length == 0)
                continue;
            Box best = free.MinBy(at => at.Cost).Box;
            labels[line] = new(text, best);
            occupied.Add(best.Grown(1));
        }

        return labels;
    }
}
