namespace HpcTrain.Topology.Drawings;

/// <summary>
/// Any graph, by stress majorization (Gansner, Koren and North, Graph Drawing 2004): distances on paper come as near to the lengths of the shortest ways as
/// possible, near nodes counting more, weighted by 1/d^2. Every node in turn moves to where its distances to all others say that it should be; stress never
/// grows. It begins with a circle in the order of numbers, so that the same graph always has the same drawing.
/// </summary>
internal static class StressLayout
{
    private const int Rounds = 400;

    private const double Gap = 40, MostStretch = 1.6;

    public static Spot[] Place(Sketch sketch)
    {
        int n = sketch.Count;
        double unit = (sketch.WidestNode * 0.6) + 90;
        var wanted = new double[n, n];
        for (int a = 0; a < n; a++)
        {
            int[] lengths = Ways.Lengths(sketch, a);
            int apart = lengths.Where(length => length < int.MaxValue).Max() + 2; // pieces keep a distance
            for (int b = 0; b < n; b++)
                wanted[a, b] = unit * Math.Min(lengths[b], apart);
        }

        for (int a = 0; a < n; a++)
        {
            for (int b = 0; b < a; b++)
                wanted[a, b] = wanted[b, a] = Math.Max(wanted[a, b], wanted[b, a]);
        }

        Spot[] spots = [.. Enumerable.Range(0, n).Select(node => Spot.OnCircle(unit * Math.Sqrt(n), 2 * Math.PI * node / n))];
        for (int round = 0; round < Rounds; round++)
        {
            for (int a = 0; a < n; a++)
                spots[a] = Moved(spots, wanted, a);
        }

        Apart(sketch, spots);
        return Layout.Stretched(sketch, spots, Gap);
    }

    private static Spot Moved(Spot[] spots, double[,] wanted, int a)
    {
        Spot sum = default;
        double weights = 0;
        for (int b = 0; b < spots.Length; b++)
        {
            if (b == a)
                continue;
            Spot from = spots[a] - spots[b];
            double weight = 1 / (wanted[a, b] * wanted[a, b]), length = Math.Max(from.Length, 1e-6);
            sum += (spots[b] + (from * (wanted[a, b] / length))) * weight;
            weights += weight;
        }

        return weights == 0 ? spots[a] : sum * (1 / weights);
    }

    // Nodes that are so near that all would have to be stretched much are pushed apart.
    private static void Apart(Sketch sketch, Spot[] spots)
    {
        for (int round = 0; round < Rounds; round++)
        {
            bool moved = false;
            for (int a = 0; a < spots.Length; a++)
            {
                for (int b = 0; b < a; b++)
                {
                    if (Layout.StretchNeeded(sketch, spots, a, b, Gap) <= MostStretch)
                        continue;
                    Spot away = spots[a] - spots[b];
                    away = away.Length < 1 ? Spot.OnCircle(4, a) : away * (4 / away.Length);
                    (spots[a], spots[b], moved) = (spots[a] + away, spots[b] - away, true);
                }
            }

            if (!moved)
                break;
        }
    }
}
