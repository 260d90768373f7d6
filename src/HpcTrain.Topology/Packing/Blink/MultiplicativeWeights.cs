namespace HpcTrain.Topology;

/// <summary>Trees that almost pack the links, by multiplicative weights: the first of Blink's two steps.</summary>
/// <remarks>
/// Every link has a length, at first small. The shortest tree is given as much as its narrowest link takes, and its links become longer by a factor that grows with the
/// part of their bandwidth taken; so busy links are avoided. It ends when the shortest tree has length 1; scaled down to fit, the trees have at least 1 - 3 e of
/// the best rate. There are many, of uneven weight. O(links log(links) / e^2) trees. N. Garg and J. Koenemann, 1998.
/// </remarks>
internal static class MultiplicativeWeights
{
    private const double Step = 0.1;

    /// <summary>The trees, as links by number in no order, the heaviest first.</summary>
    /// <param name="graph">Ranks and links between them.</param>
    /// <param name="root">The root.</param>
    /// <param name="back">The link in the other direction, which a tree uses too; the link itself if trees use one direction.</param>
    public static List<int[]> Trees(LinkGraph graph, int root, int[] back)
    {
        double[] bandwidths = [.. graph.Links.Select(link => (double)link.Bandwidth)];
        (int From, int To)[] ends = [.. graph.Links.Select(link => (link.From, link.To))];
        double first = Math.Pow(1 + Step, 1 - (1 / Step)) * Math.Pow(bandwidths.Length, -1 / Step);
        double[] lengths = [.. bandwidths.Select(bandwidth => first / bandwidth)];
        var weights = new Dictionary<string, (int[] Tree, double Weight)>();
        while (true)
        {
            int[] tree = [.. LeastArborescence.Find(graph.Ranks, root, ends, lengths)];
            if (tree.Sum(link => lengths[link]) >= 1)
                break;
            double weight = tree.Min(link => bandwidths[link]);
            foreach (int link in tree)
            {
                lengths[link] *= 1 + (Step * weight / bandwidths[link]);
                lengths[back[link]] = lengths[link];
            }

            string key = string.Join(',', tree.Select(link => Math.Min(link, back[link])).Order());
            weights[key] = (tree, weights.GetValueOrDefault(key).Weight + weight);
        }

        return [.. weights.Values.OrderByDescending(pair => pair.Weight).Select(pair => pair.Tree)];
    }
}
