using HpcTrain.Drawing;

namespace HpcTrain.Pipelines.Drawings;

/// <summary>Ranks as rows, time to the right, computations as boxes.</summary>
internal sealed class TimeRows
{
    // Idea. A box is as long as its computation, its colour says the kind, its number the micro-batch; of several chunks on a rank, later ones are lighter, so that rounds can be
    // told apart. What a row does not cover is the bubble. Beside each row stands what its rank keeps and how much it waits.
    // Boxes too narrow for their number have none; where the pointer rests, a browser tells.
    private const double Margin = 24, RowHeight = 30, RowGap = 10, Band = 5, LeastPlot = 520, MostPlot = 1500, BestBox = 26, AxisHeight = 44;
    private const double Line = 1.35, LegendRow = 22, SampleStep = 16;
    private static readonly TextStyle s_title = new(18, Weight: TextWeight.Bold), s_subtitle = new(13, Paint.Muted), s_legend = new(12);
    private static readonly TextStyle s_rank = new(13, Weight: TextWeight.Bold), s_small = new(11, Paint.Muted);
    private static readonly TextStyle s_tick = new(11, Paint.Muted, TextAnchor.Middle), s_box = new(11, Anchor: TextAnchor.Middle);

    private readonly PipelineTiming _timing;
    private readonly PipelineSchedule _schedule;
    private readonly TimeScale _scale;
    private readonly bool _reduces;
    private readonly double _labels, _notes, _plot, _pitch;
    private readonly List<(string Text, TextStyle Style)> _heading = [];
    private readonly List<(LegendEntry Entry, double X, int Row)> _legend;

    public TimeRows(PipelineTiming timing, TimeScale scale)
    {
        (_timing, _scale, _schedule) = (timing, scale, timing.Schedule);
        _reduces = timing.Spans.Any(row => row.Any(span => span.Action.Kind == ActionKind.ReduceGradients && span.End > span.Start));
        IEnumerable<int> ranks = Enumerable.Range(0, _schedule.Stages);
        _labels = ranks.Max(rank => Math.Max(TextMeasure.Width(RankLabel(rank), s_rank), TextMeasure.Width(ChunkLabel(rank), s_small))) + 14;
        _notes = ranks.Max(rank => Math.Max(TextMeasure.Width(KeepsLabel(rank), s_small), TextMeasure.Width(WaitsLabel(rank), s_small))) + 14;
        IEnumerable<double> lengths = timing.Spans.SelectMany(row => row).Where(span => span.Action.Kind.IsComputation()).Select(span => span.End - span.Start);
        double shortest = lengths.Where(length => length > 0).DefaultIfEmpty(1).Min();
        _plot = Math.Clamp(timing.Seconds / shortest * BestBox, LeastPlot, MostPlot);
        _pitch = RowHeight + (_reduces ? Band + 2 : 0) + RowGap;
        Head($"{_schedule}", s_title);
        Head($"bubble {Words.Percent(timing.Bubble)}; {Words.Time(timing.Seconds, scale)}; a rank keeps at most {KeptMicroBatches(ranks.Max(Kept))}", s_subtitle);
        _legend = [.. Legend()];

        void Head(string text, TextStyle style) => _heading.AddRange(TextMeasure.Wrap(text, Width - (2 * Margin), style).Select(line => (line, style)));
    }

    private double Width => (2 * Margin) + _labels + _plot + _notes;

    private double Left => Margin + _labels;

    public string Draw()
    {
        double top = Margin + _heading.Sum(line => line.Style.Size * Line) + 20 + ((_legend[^1].Row + 1) * LegendRow);
        double bottom = top + (_schedule.Stages * _pitch) - RowGap;
        var document = new SvgDocument
        {
            Width = Width,
            Height = bottom + AxisHeight + Margin - 14,
            Title = $"{_schedule}",
            Description = $"Ranks are rows, time goes to the right. Of the ranks' time {Words.Percent(_timing.Bubble)} is spent waiting.",
        };
        return document.Draw(svg =>
        {
            DrawHeading(svg);
            DrawAxis(svg, top, bottom);
            for (int rank = 0; rank < _schedule.Stages; rank++)
                DrawRow(svg, rank, top + (rank * _pitch));
        });
    }

    private double X(double time) => Left + (_timing.Seconds == 0 ? 0 : time / _timing.Seconds * _plot);

    private double Kept(int rank) => ActivationMemory.PeakMicroBatches(_schedule, rank);

    private static string KeptMicroBatches(double kept) => $"{Words.Number(kept)} {(kept == 1 ? "micro-batch" : "micro-batches")}";

    private static string RankLabel(int rank) => $"rank {rank}";

    private string ChunkLabel(int rank) => _schedule.ChunksOf[rank].Length == 1 ? "" : $"chunks {string.Join(", ", _schedule.ChunksOf[rank])}";

    private string KeepsLabel(int rank) => $"keeps {Words.Number(Kept(rank))}";

    private string WaitsLabel(int rank) => $"waits {Words.Percent(_timing.BubbleOf(rank))}";

    private void DrawHeading(SvgWriter svg)
    {
        double y = Margin;
        foreach ((string text, TextStyle style) in _heading)
        {
            y += style.Size * Line;
            svg.Text(Margin, y - (style.Size * 0.35), text, style);
        }

        foreach ((LegendEntry entry, double x, int row) in _legend)
        {
            double middle = y + 20 + (row * LegendRow);
            for (int sample = 0; sample < entry.Opacities.Count; sample++)
            {
                svg.Element("rect", ("x", Margin + x + (sample * SampleStep)), ("y", middle - 7), ("width", 14), ("height", 14), ("rx", 3),
                    ("fill-opacity", entry.Opacities[sample]), ("class", Fill(entry.Kind)));
            }

            svg.Text(Margin + x + entry.TextAt, middle + (s_legend.Size * 0.35), entry.Text, s_legend);
        }
    }

    /// <summary>The kinds that are drawn, and the shades of chunks, in rows.</summary>
    private IEnumerable<(LegendEntry Entry, double X, int Row)> Legend()
    {
        List<LegendEntry> entries = [.. Enum.GetValues<ActionKind>().Where(IsDrawn).Select(kind => new LegendEntry(kind, NameOf(kind), [1]))];
        if (_schedule.Chunks > _schedule.Stages)
        {
            int chunks = _schedule.ChunksOf.Max(list => list.Length);
            entries.Add(new(ActionKind.Forward, "the rank's chunks, first to last", [.. Enumerable.Range(0, chunks).Select(chunk => Opacity(chunk, chunks))]));
        }

        double x = 0;
        int row = 0;
        foreach (LegendEntry entry in entries)
        {
            double needed = entry.TextAt + TextMeasure.Width(entry.Text, s_legend);
            if (x > 0 && x + needed > Width - (2 * Margin))
                (x, row) = (0, row + 1);
            yield return (entry, x, row);
            x += needed + 20;
        }
    }

    private sealed record LegendEntry(ActionKind Kind, string Text, IReadOnlyList<double> Opacities)
    {
        public double TextAt => (Opacities.Count * SampleStep) + 4;
    }

    private void DrawAxis(SvgWriter svg, double top, double bottom)
    {
        double step = Step(_timing.Seconds, _plot);
        for (double time = 0; time <= _timing.Seconds * (1 + 1e-9); time += step)
        {
            svg.Element("path", ("d", SvgWriter.PathThrough([(X(time), top - 4), (X(time), bottom + 6)])), ("fill", "none"), ("stroke-width", 1), ("class", Paint.Grid));
            svg.Text(X(time), bottom + 20, _scale == TimeScale.Slots ? Words.Number(time) : Unit.Seconds.Format(time), s_tick);
        }

        svg.Text(Left + (_plot / 2), bottom + 36, AxisTitle(), s_tick);
    }

    private string AxisTitle() => _scale == TimeScale.Seconds ? "time"
        : IsDrawn(ActionKind.Backward) ? "time in slots: one for a forward, two for a backward" : "time in slots";

    private static double Step(double most, double width)
    {
        if (!(most > 0))
            return 1;
        double rough = most / (width / 70), power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return power * (rough / power <= 1 ? 1 : rough / power <= 2 ? 2 : rough / power <= 5 ? 5 : 10);
    }

    private void DrawRow(SvgWriter svg, int rank, double y)
    {
        string chunks = ChunkLabel(rank);
        svg.Text(Margin, y + (chunks.Length == 0 ? 20 : 13), RankLabel(rank), s_rank);
        if (chunks.Length > 0)
            svg.Text(Margin, y + 27, chunks, s_small);
        svg.Text(Left + _plot + 12, y + 13, KeepsLabel(rank), s_small);
        svg.Text(Left + _plot + 12, y + 27, WaitsLabel(rank), s_small);
        svg.Element("rect", ("x", Left), ("y", y), ("width", _plot), ("height", RowHeight), ("rx", 3), ("fill-opacity", 0.1), ("class", Paint.Muted));
        foreach (ActionSpan span in _timing.Spans[rank])
        {
            if (span.End > span.Start)
                DrawSpan(svg, rank, span, y);
        }
    }

    private void DrawSpan(SvgWriter svg, int rank, ActionSpan span, double y)
    {
        (PipelineAction action, double start, double end) = span;
        bool reduction = action.Kind == ActionKind.ReduceGradients;
        double x = X(start), width = Math.Max(0.5, X(end) - x - 1), height = reduction ? Band : RowHeight, opacity = 1;
        if (action.Kind.IsComputation())
            opacity = Opacity(_schedule.ChunksOf[rank].IndexOf(action.Chunk), _schedule.ChunksOf[rank].Length);
        using SvgWriter.Scope box = svg.Begin("g");
        svg.Tooltip($"{action}: {Words.Time(start, _scale)} to {Words.Time(end, _scale)}");
        svg.Element("rect", ("x", x + 0.5), ("y", reduction ? y + RowHeight + 2 : y), ("width", width), ("height", height), ("rx", Math.Min(3, width / 3)),
            ("fill-opacity", opacity), ("class", Fill(action.Kind)));
        string label = action.Kind.IsComputation() ? $"{action.MicroBatch}" : reduction ? "" : action.Kind.Name();
        TextStyle style = s_box with { Paint = opacity > 0.6 ? Paint.Background : Paint.Text, Weight = opacity > 0.6 ? TextWeight.Bold : TextWeight.Regular };
        if (TextMeasure.Width(label, style) <= width)
            svg.Text(x + 0.5 + (width / 2), y + (RowHeight / 2) + 4, label, style);
    }

    /// <summary>From the first chunk to the last of so many on a rank: full colour to a third of it.</summary>
    private static double Opacity(int chunk, int chunks) => chunks == 1 ? 1 : 1 - (0.68 * chunk / (chunks - 1));

    private bool IsDrawn(ActionKind kind) => kind switch
    {
        ActionKind.ReduceGradients => _reduces,
        ActionKind.Step => _timing.Costs.StepSeconds > 0 && _schedule.Purpose == PipelinePurpose.Training,
        _ => kind.IsComputation() && _schedule.Programs.Any(program => program.Any(action => action.Kind == kind)),
    };

    private static string NameOf(ActionKind kind) => kind switch
    {
        ActionKind.BackwardInput => "backward: gradient of the input",
        ActionKind.BackwardWeight => "backward: gradients of parameters",
        ActionKind.ReduceGradients => "reduction among replicas",
        _ => kind.Name(),
    };

    private static string Fill(ActionKind kind) => kind switch
    {
        ActionKind.Forward => Paint.Fill(0),
        ActionKind.Backward or ActionKind.BackwardInput => Paint.Fill(1),
        ActionKind.BackwardWeight => Paint.Fill(2),
        ActionKind.ReduceGradients => Paint.Fill(7),
        _ => Paint.Muted,
    };
}
