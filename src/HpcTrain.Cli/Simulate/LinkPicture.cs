using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Drawing;

namespace HpcTrain.Cli.Simulate;

/// <summary>A simulation as a picture: a line for each direction of a link, time to the right, and bars in the colours of the chunks that pass.</summary>
internal static class LinkPicture
{
    private const int MostLinks = 96;
    private const double Width = 1080, Margin = 24, Top = 78, RowHeight = 18, BarHeight = 13, AxisHeight = 44, LeastBar = 0.4;

    public static string Draw(SimulatedRow row, LinkRecord record)
    {
        int[] links = [.. record.Passages.Select(passage => passage.Link).Distinct().Order()];
        if (links.Length > MostLinks)
            throw new UsageException($"--svg draws up to {MostLinks} links that carry something, each direction by itself, not {links.Length}; take fewer ranks, or --trace for a viewer");
        var label = new TextStyle(11);
        double left = Margin + links.Select(link => TextMeasure.Width(row.NameOf(link), label)).DefaultIfEmpty(0).Max() + 10, plot = Width - Margin - left;
        var ticks = Ticks(row.Microseconds);
        var rowOf = links.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        double bottom = Top + (links.Length * RowHeight);
        string title = $"{row.Name} on {row.Graph.Name}: {row.Schedule.Collective.Name()} of {ByteSizeOf(row.Bytes)} on {row.Schedule.Ranks} ranks";
        return new SvgDocument
        {
            Width = Width,
            Height = bottom + AxisHeight,
            Title = title,
            Description = "Which chunk is on which link at which time.",
        }.Draw(svg =>
        {
            svg.Text(Margin, 34, TextMeasure.Shorten(title, Width - (2 * Margin), new TextStyle(18, Weight: TextWeight.Bold)), new TextStyle(18, Weight: TextWeight.Bold));
            svg.Text(Margin, 56, $"{Unit.Microseconds.Format(row.Microseconds)}, simulated; a bar is a message on a link, in the colour of its chunk", new TextStyle(12, Paint.Muted));
            foreach (double tick in ticks)
            {
                double x = left + (plot * tick / row.Microseconds);
                svg.Element("line", ("x1", x), ("x2", x), ("y1", Top - 4), ("y2", bottom), ("class", Paint.Grid));
                svg.Text(x, bottom + 18, Unit.Microseconds.Format(tick), new TextStyle(11, Paint.Muted, TextAnchor.Middle));
            }

            foreach ((int index, int link) in links.Index())
                svg.Text(left - 8, Top + (index * RowHeight) + (BarHeight * 0.8), row.NameOf(link), label with { Anchor = TextAnchor.End });
            foreach (var (link, chunk, start, end, bytes) in Bars(record))
            {
                double x = left + (plot * start / row.Result.Seconds), wide = Math.Max(LeastBar, plot * (end - start) / row.Result.Seconds);
                using var bar = svg.Begin("rect", ("x", x), ("y", Top + (rowOf[link] * RowHeight)), ("width", wide), ("height", BarHeight), ("class", Paint.Fill(chunk.First)));
                svg.Tooltip($"chunk {chunk}, {ByteSizeOf(bytes)} on {row.NameOf(link)}: {Unit.Microseconds.Format(start * 1e6)} to {Unit.Microseconds.Format(end * 1e6)}");
            }
        });
    }

    /// <summary>Messages of the same chunks that follow each other on a link without a gap, as one.</summary>
    private static IEnumerable<(int Link, ChunkRange Chunks, double Start, double End, long Bytes)> Bars(LinkRecord record)
    {
        foreach (var passages in record.Passages.GroupBy(passage => passage.Link))
        {
            (ChunkRange Chunks, double Start, double End, long Bytes)? open = null;
            foreach (var (_, message, start, end) in passages.OrderBy(passage => passage.Start))
            {
                if (open is { } bar && bar.Chunks == message.Chunks && start <= bar.End * (1 + 1e-9))
                {
                    open = bar with { End = end, Bytes = bar.Bytes + message.Bytes };
                    continue;
                }

                if (open is { } done)
                    yield return (passages.Key, done.Chunks, done.Start, done.End, done.Bytes);
                open = (message.Chunks, start, end, message.Bytes);
            }

            if (open is { } last)
                yield return (passages.Key, last.Chunks, last.Start, last.End, last.Bytes);
        }
    }

    private static IReadOnlyList<double> Ticks(double most)
    {
        if (!(most > 0))
            return [];
        double rough = most / 8, power = Math.Pow(10, Math.Floor(Math.Log10(rough))), step = power * (rough / power < 2 ? 2 : rough / power < 5 ? 5 : 10);
        return [.. Enumerable.Range(0, (int)(most / step) + 1).Select(i => i * step)];
    }

    private static string ByteSizeOf(long bytes) => Unit.Bytes.Format(bytes);
}
