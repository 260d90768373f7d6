namespace HpcTrain.Drawing;

/// <summary>Moves labels apart that would lie on each other.</summary>
internal static class LabelSpread
{
    // Idea. Labels keep their order, lie at least `distance` apart, and together move as little as can be (least squares). With
    // z(i) = y(i) - i * distance the condition is that z does not fall, so this is isotonic regression: pool adjacent violators.
    // Limits of the range cut the z off, which stays the optimum.
    // Cost. One sort, then linear.
    // Source: Barlow et al., "Statistical Inference under Order Restrictions", 1972.

    /// <summary>Places for labels that would like to be at <paramref name="wanted"/>, in the same order.</summary>
    /// <param name="wanted">Where the middles of the labels should be.</param>
    /// <param name="distance">The least distance of two middles.</param>
    /// <param name="low">The least middle that is allowed.</param>
    /// <param name="high">The greatest middle that is allowed; at least <paramref name="low"/> + distance * (labels - 1).</param>
    public static double[] Place(IReadOnlyList<double> wanted, double distance, double low, double high)
    {
        int[] order = [.. Enumerable.Range(0, wanted.Count).OrderBy(i => wanted[i])]; // stable: equals keep their order
        var pools = new Stack<(double Mean, int Count)>();
        for (int i = 0; i < order.Length; i++)
        {
            (double Mean, int Count) pool = (wanted[order[i]] - (i * distance), 1);
            while (pools.TryPeek(out (double Mean, int Count) above) && above.Mean > pool.Mean)
            {
                pools.Pop();
                int count = above.Count + pool.Count;
                pool = (((above.Mean * above.Count) + (pool.Mean * pool.Count)) / count, count);
            }
            pools.Push(pool);
        }

        var placed = new double[wanted.Count];
        double highest = Math.Max(low, high - ((order.Length - 1) * distance));
        int next = 0;
        foreach ((double mean, int count) in pools.Reverse())
        {
            for (int end = next + count; next < end; next++)
                placed[order[next]] = Math.Clamp(mean, low, highest) + (next * distance);
        }
        return placed;
    }
}
