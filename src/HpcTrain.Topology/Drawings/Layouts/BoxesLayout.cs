namespace HpcTrain.Topology.Drawings;

/// <summary>
/// Machines as blocks, each laid out by itself, and between them the switches that join them. Two machines or three stand side by side below the switches;
/// more stand in two rows with the switches in the middle, the upper row turned over so that what leads out is near.
/// </summary>
internal static class BoxesLayout
{
    /// <summary>What is left free around the nodes of a box, for its frame and name.</summary>
    public const double Padding = 18, NameHeight = 24;

    private const double Between = 40, BetweenSwitches = 150, LeastToSwitches = 110, MostToSwitches = 300, Slope = 0.4;

    public static Spot[]? Place(Sketch sketch)
    {
        int[] outside = [.. Enumerable.Range(0, sketch.Count).Where(node => sketch.Nodes[node].Box < 0)];
        int[][] boxes = [.. Enumerable.Range(0, sketch.Count).Where(node => sketch.Nodes[node].Box >= 0).GroupBy(node => sketch.Nodes[node].Box)
            .OrderBy(box => box.Key).Select(box => box.ToArray())];
        if (boxes.Length < 2)
            return null;
        Block[] blocks = [.. boxes.Select(box => Block.Of(sketch, box))];
        bool inTwoRows = boxes.Length > 3;
        int above = inTwoRows ? (boxes.Length + 1) / 2 : 0;
        var spots = new Spot[sketch.Count];
        double half = outside.Length == 0 ? Between / 2
            : Math.Clamp(Slope * Math.Max(RowWidth(blocks[..above]), RowWidth(blocks[above..])) / 2, LeastToSwitches, MostToSwitches);
        Row(blocks[..above], bottom: -half);
        Row(blocks[above..], top: half);

        double width = outside.Sum(node => sketch.Nodes[node].Width + BetweenSwitches), x = -width / 2;
        foreach (int node in outside)
        {
            spots[node] = new(x + ((sketch.Nodes[node].Width + BetweenSwitches) / 2), 0);
            x += sketch.Nodes[node].Width + BetweenSwitches;
        }

        return spots;

        static double RowWidth(Block[] row) => row.Sum(block => block.Width) + (Between * Math.Max(0, row.Length - 1));

        void Row(Block[] row, double? top = null, double? bottom = null)
        {
            double left = -RowWidth(row) / 2;
            foreach (Block block in row)
            {
                foreach ((int index, int node) in block.Nodes.Index())
                {
                    Spot spot = block.Spots[index];
                    spots[node] = top is { } upper
                        ? new(left + spot.X, upper + Padding + NameHeight + spot.Y)
                        : new(left + spot.X, bottom!.Value - Padding - spot.Y);
                }

                left += block.Width + Between;
            }
        }
    }

    /// <summary>A box whose nodes have places between 0 and its width and height without padding above and below.</summary>
    private sealed record Block(int[] Nodes, Spot[] Spots, double Width)
    {
        public static Block Of(Sketch sketch, int[] nodes)
        {
            Sketch part = sketch.Part(nodes);
            Sketch alone = new([.. part.Nodes.Select(node => node with { Box = -1 })], part.Links, part.IsSummary);
            Spot[] spots = Layout.Place(alone);
            double left = spots.Index().Min(spot => spot.Item.X - (alone.Nodes[spot.Index].Width / 2)), top = spots.Index().Min(spot => spot.Item.Y - (alone.Nodes[spot.Index].Height / 2));
            double right = spots.Index().Max(spot => spot.Item.X + (alone.Nodes[spot.Index].Width / 2));
            return new(nodes, [.. spots.Select(spot => new Spot(spot.X - left + Padding, spot.Y - top))], right - left + (2 * Padding));
        }
    }
}
