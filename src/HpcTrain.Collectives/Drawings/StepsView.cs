using HpcTrain.Collectives.Verification;
using HpcTrain.Drawing;

namespace HpcTrain.Collectives.Drawings;

/// <summary>Every message of a schedule: ranks as columns, steps downwards.</summary>
internal sealed class StepsView
{
    // Idea. A step is a row. At its top every rank has a dot for each message that it sends, at its bottom a chip for each that it
    // receives, with the chunk's name; an arrow of the chunk's colour joins them. What is reduced on arrival has a filled chip, what replaces
    // something an outlined one. So the chips above a dot are where its chunk was received.
    // Arrows leave and arrive vertically, dots and chips stand in the order of the other ends, and a second line of chips stands in the gaps of
    // the first, so that arrows to it pass between.
    private const double Margin = 24, Gutter = 66, LeastWidth = 700;
    private const double ChipHeight = 20, ChipGap = 7, PassageGap = 16, LineGap = 12, DotRadius = 3.4, DotTop = 9, RowBottom = 14;
    private const int MostInLine = 4;
    private static readonly TextStyle s_chip = new(11, Anchor: TextAnchor.Middle), s_step = new(11, Paint.Muted);
    private static readonly TextStyle s_rank = new(13, Anchor: TextAnchor.Middle, Weight: TextWeight.Bold), s_state = new(11, Paint.Muted, TextAnchor.Middle);

    private readonly ScheduleTimeline _timeline;
    private readonly Schedule _schedule;
    private readonly NodeMap? _nodes;
    private readonly ChunkLook _look;
    private readonly ChipPainter _chips;
    private readonly IReadOnlyList<Row> _rows;
    private readonly double _chipWidth;
    private readonly double _columnWidth;
    private readonly double _left;
    private readonly double _width;

    public StepsView(ScheduleTimeline timeline, NodeMap? nodes)
    {
        _timeline = timeline;
        _schedule = timeline.Schedule;
        _nodes = nodes is { Nodes: > 1 } && nodes.Ranks == _schedule.Ranks ? nodes : null;
        _look = new(_schedule);
        IReadOnlyList<Arrival> arrivals = Arrival.Of(timeline);
        _rows = [.. arrivals.GroupBy(arrival => arrival.Step).OrderBy(group => group.Key).Select(group => new Row(group.Key, [.. group]))];

        int most = _rows.Count == 0 ? 1 : _rows.Max(row => row.Arrivals.GroupBy(arrival => arrival.Rank).Max(cell => cell.Count()));
        TextStyle widest = s_chip with { Weight = TextWeight.Bold };
        _chipWidth = Math.Max(26, 8 + arrivals.Select(arrival => TextMeasure.Width($"+{_look.Name(arrival.Chunks)}", widest)).DefaultIfEmpty().Max());
        double needed = (most <= MostInLine ? most * (_chipWidth + ChipGap) : (most + 1) / 2.0 * (_chipWidth + PassageGap)) + 12;
        double room = LeastWidth - Gutter - (2 * Margin);
        _columnWidth = Math.Max(Math.Max(76, needed), Math.Min(130, room / _schedule.Ranks));
        double columns = _columnWidth * _schedule.Ranks;
        _width = Math.Max(LeastWidth, columns + Gutter + (2 * Margin));
        _left = Margin + Gutter + (Math.Max(0, room - columns) / 2);
        _chips = new(_chipWidth, ChipHeight, s_chip);
    }

    public string Draw()
    {
        var header = new DrawingHeader(_timeline, _width - (2 * Margin), Legend(), _chips);
        double nodesHeight = _nodes is null ? 0 : 26;
        double top = Margin + header.Height + nodesHeight + 44;
        double bottom = top + _rows.Sum(row => row.Height);
        var document = new SvgDocument
        {
            Width = _width,
            Height = bottom + 46 + Margin,
            Title = $"{_schedule}",
            Description = $"Ranks are columns; time runs downwards in {_timeline.Report.Steps} steps. Each arrow is a message with its chunk.",
        };
        return document.Draw(svg =>
        {
            header.Draw(svg, Margin, Margin);
            double y = top;
            foreach ((int index, Row row) in _rows.Index())
            {
                DrawBand(svg, row, index, y);
                y += row.Height;
            }

            DrawRanks(svg, top, bottom);
            y = top;
            foreach (Row row in _rows)
            {
                DrawRow(svg, row, y);
                y += row.Height;
            }
        });
    }

    private double Center(int rank) => _left + ((rank + 0.5) * _columnWidth);

    private List<LegendItem> Legend()
    {
        Arrival[] all = [.. _rows.SelectMany(row => row.Arrivals)];
        var items = new List<LegendItem>();
        if (all.Any(arrival => arrival.Reduces && arrival.From >= 0))
            items.Add(new("+0", ChipKind.Reduced, "received and reduced into what is there"));
        if (all.Any(arrival => Kind(arrival) == ChipKind.Received))
            items.Add(new("0", ChipKind.Received, "received as it is"));
        if (all.Any(arrival => Kind(arrival) == ChipKind.Scratch))
            items.Add(new("0", ChipKind.Scratch, "received into scratch"));
        if (all.Any(arrival => arrival.From < 0))
            items.Add(new("+0", ChipKind.Reduced, "without an arrow: reduced inside the rank"));
        items.Add(new(null, ChipKind.Received, $"number and colour: the {_look.Meaning}"));
        return items;
    }

    private void DrawBand(SvgWriter svg, Row row, int index, double y)
    {
        if (index % 2 == 0)
        {
            svg.Element("rect", ("x", Margin), ("y", y), ("width", _width - (2 * Margin)), ("height", row.Height), ("fill-opacity", 0.06),
                ("class", Paint.Muted));
        }

        string label = row.Step == 0 ? "start" : $"step {row.Step}";
        svg.Text(Margin + 8, y + (row.Height / 2) + 4, label, s_step);
    }

    private void DrawRanks(SvgWriter svg, double top, double bottom)
    {
        for (int rank = 0; rank < _schedule.Ranks; rank++)
        {
            double x = Center(rank);
            svg.Element("path", ("d", SvgWriter.PathThrough([(x, top), (x, bottom)])), ("fill", "none"), ("stroke-width", 1), ("class", Paint.Grid));
            svg.Text(x, top - 25, $"rank {rank}", s_rank);
            svg.Text(x, top - 9, TextMeasure.Shorten(State(rank, atEnd: false), _columnWidth - 4, s_state), s_state);
            svg.Text(x, bottom + 17, TextMeasure.Shorten(State(rank, atEnd: true), _columnWidth - 4, s_state), s_state);
        }

        svg.Text(Margin + 8, top - 9, "starts with", s_step);
        svg.Text(Margin + 8, bottom + 17, "ends with", s_step);
        for (int node = 0; node < (_nodes?.Nodes ?? 0); node++)
            DrawNode(svg, node, top - 47);
    }

    private void DrawNode(SvgWriter svg, int node, double y)
    {
        // A node's ranks may lie apart; each run of neighbours gets its own line.
        foreach ((int first, int last) in Runs(_nodes!.Members[node]))
        {
            double from = Center(first) - (_columnWidth / 2) + 6, to = Center(last) + (_columnWidth / 2) - 6;
            string bracket = SvgWriter.PathThrough([(from, y + 4), (from, y), (to, y), (to, y + 4)]);
            svg.Element("path", ("d", bracket), ("fill", "none"), ("stroke-width", 1.2), ("class", Paint.Axis));
            svg.Text((from + to) / 2, y - 6, TextMeasure.Shorten($"node {node}", to - from, s_state), s_state);
        }
    }

    private void DrawRow(SvgWriter svg, Row row, double y)
    {
        var places = new Dictionary<Arrival, (double X, double Y)>(ReferenceEqualityComparer.Instance);
        foreach (IGrouping<int, Arrival> cell in row.Arrivals.GroupBy(arrival => arrival.Rank))
        {
            Arrival[] chips = [.. cell.OrderBy(arrival => arrival.From < 0 ? arrival.Rank : arrival.From).ThenBy(arrival => arrival.Chunks.First)];
            for (int c = 0; c < chips.Length; c++)
                places.Add(chips[c], ChipPlace(cell.Key, c, chips.Length, y + DotTop + row.ArrowHeight));
        }

        foreach (IGrouping<int, Arrival> sender in row.Arrivals.Where(arrival => arrival.From >= 0).GroupBy(arrival => arrival.From))
        {
            Arrival[] sent = [.. sender.OrderBy(arrival => arrival.Rank).ThenBy(arrival => arrival.Chunks.First)];
            double spacing = Math.Min(14, (_columnWidth - 16) / sent.Length);
            for (int s = 0; s < sent.Length; s++)
            {
                double x = Center(sender.Key) + ((s - ((sent.Length - 1) / 2.0)) * spacing);
                DrawArrow(svg, sent[s], x, y + DotTop, places[sent[s]]);
            }
        }

        foreach ((Arrival arrival, (double x, double chipTop)) in places)
        {
            using SvgWriter.Scope chip = svg.Begin("g");
            svg.Tooltip(Sentence(arrival));
            _chips.Draw(svg, x, chipTop, (arrival.Reduces ? "+" : "") + _look.Name(arrival.Chunks), Kind(arrival), _look.Color(arrival.Chunks));
        }
    }

    private (double X, double Y) ChipPlace(int rank, int c, int count, double y)
    {
        double middle = c - ((count - 1) / 2.0);
        if (count <= MostInLine)
            return (Center(rank) + (middle * (_chipWidth + ChipGap)), y);

        // Two lines: even ones above, odd ones below, each in the gap between two of the other line.
        return (Center(rank) + (middle * (_chipWidth + PassageGap) / 2), y + (c % 2 * (ChipHeight + LineGap)));
    }

    private void DrawArrow(SvgWriter svg, Arrival arrival, double x, double y, (double X, double Y) to)
    {
        const double Head = 6;
        int color = _look.Color(arrival.Chunks);
        double end = to.Y - 1.5, bend = (end - y) * 0.45;
        string n(double value) => SvgWriter.Number(value);
        string path = $"M{n(x)} {n(y)}C{n(x)} {n(y + bend)} {n(to.X)} {n(end - Head - bend)} {n(to.X)} {n(end - Head)}";
        using SvgWriter.Scope arrow = svg.Begin("g");
        svg.Tooltip(Sentence(arrival));
        svg.Element("path", ("d", path), ("fill", "none"), ("stroke-width", 4), ("class", Paint.Halo));
        svg.Element("path", ("d", path), ("fill", "none"), ("stroke-width", 1.8), ("class", Paint.Stroke(color)));
        string head = SvgWriter.PathThrough([(to.X - 4, end - Head - 1), (to.X + 4, end - Head - 1), (to.X, end)]);
        svg.Element("path", ("d", head + "Z"), ("class", Paint.Fill(color)));
        svg.Element("circle", ("cx", x), ("cy", y), ("r", DotRadius), ("class", Paint.Fill(color)));
    }

    private static ChipKind Kind(Arrival arrival) =>
        arrival.Reduces ? ChipKind.Reduced : arrival.Buffer == BufferId.Data ? ChipKind.Received : ChipKind.Scratch;

    private string Sentence(Arrival arrival)
    {
        string chunk = $"chunk {_look.Name(arrival.Chunks)}";
        if (arrival.From < 0)
            return $"step {arrival.Step}: rank {arrival.Rank} reduces {chunk} into {arrival.Buffer}";
        string then = arrival.Reduces ? "reduces it into" : "puts it into";
        return $"step {arrival.Step}: rank {arrival.From} sends {chunk} to rank {arrival.Rank}, which {then} {arrival.Buffer}";
    }

    private string State(int rank, bool atEnd)
    {
        int[] chunks = [.. Enumerable.Range(0, _schedule.Chunks.Length)
            .Where(c => atEnd ? Contract.Receives(_schedule, rank, c) : Contract.Contributes(_schedule, rank, c))];
        if (_look.IsOnePerPair)
            return atEnd ? $"*\u203a{rank}" : $"{rank}\u203a*";
        return chunks.Length == 0 ? "nothing" : string.Join(", ", Runs(chunks).Select(run => _look.Name(new(run.First, run.Last - run.First + 1))));
    }

    private static IEnumerable<(int First, int Last)> Runs(IReadOnlyList<int> numbers)
    {
        for (int i = 0; i < numbers.Count;)
        {
            int first = i;
            while (++i < numbers.Count && numbers[i] == numbers[i - 1] + 1)
            {
            }

            yield return (numbers[first], numbers[i - 1]);
        }
    }

    /// <summary>A step: the farther its messages go, and the more of them come to a rank, the higher it is.</summary>
    private sealed record Row(int Step, IReadOnlyList<Arrival> Arrivals)
    {
        private readonly int _most = Arrivals.GroupBy(arrival => arrival.Rank).Max(cell => cell.Count());

        public int Lines => _most <= MostInLine ? 1 : 2;

        public double ArrowHeight => 36 + (7 * Math.Max(0, _most - 3))
            + (6 * Math.Min(12, Arrivals.Average(arrival => arrival.From < 0 ? 0 : Math.Abs(arrival.From - arrival.Rank))));

        public double Height => DotTop + ArrowHeight + (Lines * (ChipHeight + LineGap)) + RowBottom - LineGap;
    }
}
