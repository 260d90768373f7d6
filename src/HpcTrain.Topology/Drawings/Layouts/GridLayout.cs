namespace HpcTrain.Topology.Drawings;

/// <summary>
/// Grids and tori of two or three dimensions whose nodes are numbered line by line. The links tell the sizes: nodes are linked to the next one along each
/// dimension, and the last of a line perhaps to the first. Planes of a third dimension stand behind each other, aslant.
/// </summary>
internal static class GridLayout
{
    public static Spot[]? Place(Sketch sketch)
    {
        double width = sketch.WidestNode + 50, height = sketch.HighestNode + 62;
        for (int planes = 1; planes * 4 <= sketch.Count; planes++)
        {
            for (int rows = planes == 1 ? 1 : 2; planes * rows * 2 <= sketch.Count; rows++)
            {
                int columns = sketch.Count / (planes * rows);
                if (planes * rows * columns != sketch.Count || (planes > 1 && columns * rows * planes <= 8) || !Fits(sketch, planes, rows, columns))
                    continue;
                double x = planes == 1 ? width : planes * (width * 0.62), y = planes == 1 ? height : planes * height * 0.62;
                Spot behind = new(width * 0.55, -height * 0.55);
                return [.. Enumerable.Range(0, sketch.Count).Select(node =>
                    new Spot(node % columns * x, node / columns % rows * y) + (behind * (node / columns / rows)))];
            }
        }

        return null;
    }

    private static bool Fits(Sketch sketch, int planes, int rows, int columns)
    {
        int pairs = 0;
        foreach ((int size, int stride) in new[] { (columns, 1), (rows, columns), (planes, columns * rows) })
        {
            bool wraps = size > 2 && sketch.AreLinked(0, (size - 1) * stride);
            for (int node = 0; node < sketch.Count; node++)
            {
                int place = node / stride % size;
                if (place + 1 < size || wraps)
                {
                    pairs++;
                    if (!sketch.AreLinked(node, place + 1 < size ? node + stride : node - (place * stride)))
                        return false;
                }
            }
        }

        return pairs == sketch.Pairs;
    }
}
