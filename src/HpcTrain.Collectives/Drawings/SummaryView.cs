using System.Globalization;
using HpcTrain.Drawing;

namespace HpcTrain.Collectives.Drawings;

/// <summary>Who sends how much to whom, as a matrix, and how much travels in each step, as bars.</summary>
internal sealed class SummaryView
{
    private const double Margin = 24, LabelRoom = 44, TitleRoom = 48, MostMatrix = 448, Between = 56, BarsWidth = 420, BarsHeight = 260;
    private const int Reduced = 0, Copied = 1;
    private static readonly TextStyle s_title = new(13, Weight: TextWeight.Bold), s_label = new(11, Paint.Muted);

    private readonly ScheduleTimeline _timeline;
    private readonly Schedule _schedule;
    private readonly long[] _weightsBefore;
    private readonly long[,] _matrix;
    private readonly long _mostPair;
    private readonly double _cell;
    private readonly (long Reduced, long Copied)[] _steps;

    public SummaryView(ScheduleTimeline timeline)
    {
        _timeline = timeline;
        _schedule = timeline.Schedule;
        _weightsBefore = new long[_schedule.Chunks.Length + 1];
        for (int c = 0; c < _schedule.Chunks.Length; c++)
            _weightsBefore[c + 1] = _weightsBefore[c] + _schedule.Chunks[c].Weight;
        _matrix = new long[_schedule.Ranks, _schedule.Ranks];
        _steps = new (long, long)[timeline.Report.Steps + 1];
        foreach (TimedTransfer transfer in timeline.Transfers)
            _matrix[transfer.From, transfer.To] += Weight(transfer.Chunks);
        foreach (Arrival arrival in Arrival.Of(timeline).Where(arrival => arrival.From >= 0))
        {
            if (arrival.Reduces)
                _steps[arrival.Step].Reduced += Weight(arrival.Chunks);
            else
                _steps[arrival.Step].Copied += Weight(arrival.Chunks);
        }

        _mostPair = _matrix.Cast<long>().Max();
        _cell = Math.Clamp(MostMatrix / _schedule.Ranks, 1, 40);
    }

    private double MatrixSize => _cell * _schedule.Ranks;

    public string Draw()
    {
        double width = (2 * Margin) + LabelRoom + Math.Max(MatrixSize, 200) + Between + LabelRoom + BarsWidth;
        var header = new DrawingHeader(_timeline, width - (2 * Margin), [], null);
        double top = Margin + header.Height;
        var document = new SvgDocument
        {
            Width = width,
            Height = top + TitleRoom + Math.Max(MatrixSize, BarsHeight) + 50 + Margin,
            Title = $"{_schedule}",
            Description = $"A matrix of how much each rank sends to each other rank, and bars for the traffic of each of the {_timeline.Report.Steps} steps.",
        };
        return document.Draw(svg =>
        {
            header.Draw(svg, Margin, Margin);
            DrawMatrix(svg, Margin + LabelRoom, top + TitleRoom);
            DrawBars(svg, width - Margin - BarsWidth, top + TitleRoom);
        });
    }

    private void DrawMatrix(SvgWriter svg, double left, double top)
    {
        svg.Text(left - LabelRoom, top - 32, "Who sends to whom", s_title);
        svg.Text(left, top - 8, "rows send, columns receive", s_label);
        svg.Element("rect", ("x", left), ("y", top), ("width", MatrixSize), ("height", MatrixSize), ("fill", "none"), ("class", Paint.Grid));
        for (int from = 0; from < _schedule.Ranks; from++)
        {
            for (int to = 0; to < _schedule.Ranks;)
            {
                int first = to;
                while (++to < _schedule.Ranks && _matrix[from, to] == _matrix[from, first])
                {
                }

                if (_matrix[from, first] > 0)
                    DrawCells(svg, left, top, from, first, to - 1);
            }
        }

        int apart = (int)Math.Pow(2, Math.Ceiling(Math.Log2(Math.Max(1, 26 / _cell))));
        for (int rank = 0; rank < _schedule.Ranks; rank += apart)
        {
            svg.Text(left - 6, top + ((rank + 0.5) * _cell) + 4, $"{rank}", s_label with { Anchor = TextAnchor.End });
            svg.Text(left + ((rank + 0.5) * _cell), top + MatrixSize + 16, $"{rank}", s_label with { Anchor = TextAnchor.Middle });
        }

        string most = _mostPair == 0 ? "nothing is sent" : $"darkest: {Share(_mostPair)} of the buffer";
        svg.Text(left, top + MatrixSize + 36, most, s_label);
    }

    /// <summary>Draws what a rank sends to neighbouring ranks, where it is the same for all of them.</summary>
    private void DrawCells(SvgWriter svg, double left, double top, int from, int first, int last)
    {
        long weight = _matrix[from, first];
        double gap = _cell >= 6 ? 1 : 0;
        using SvgWriter.Scope cell = svg.Begin("rect", ("x", left + (first * _cell)), ("y", top + (from * _cell)),
            ("width", ((last - first + 1) * _cell) - gap), ("height", _cell - gap), ("fill-opacity", 0.2 + (0.8 * weight / _mostPair)), ("class", Paint.Text));
        string to = first == last ? $"rank {first}" : $"each of ranks {first} to {last}";
        svg.Tooltip($"rank {from} sends {Share(weight)} of the buffer to {to}");
    }

    private void DrawBars(SvgWriter svg, double left, double top)
    {
        int steps = _timeline.Report.Steps;
        long most = Math.Max(1, _steps.Max(step => step.Reduced + step.Copied));
        double pitch = Math.Min(28, BarsWidth / Math.Max(1, steps)), bar = pitch > 4 ? pitch - 2 : pitch, bottom = top + BarsHeight;
        svg.Text(left - LabelRoom, top - 32, "Traffic of each step, all ranks together, in buffers", s_title);
        Sample(left, "reduced on arrival", Reduced);
        Sample(left + 150, "copied", Copied);
        svg.Text(left - 6, top + 10, Share(most), s_label with { Anchor = TextAnchor.End });
        svg.Text(left - 6, bottom, "0", s_label with { Anchor = TextAnchor.End });
        for (int step = 1; step <= steps; step++)
        {
            (long reduced, long copied) = _steps[step];
            double x = left + ((step - 1) * pitch), middle = bottom - (BarsHeight * reduced / most), height = BarsHeight * copied / most;
            using SvgWriter.Scope group = svg.Begin("g");
            svg.Tooltip($"step {step}: {Share(reduced)} reduced, {Share(copied)} copied");
            if (reduced > 0)
                svg.Element("rect", ("x", x), ("y", middle), ("width", bar), ("height", bottom - middle), ("class", Paint.Fill(Reduced)));
            if (copied > 0)
                svg.Element("rect", ("x", x), ("y", middle - height), ("width", bar), ("height", height), ("class", Paint.Fill(Copied)));
        }

        svg.Element("path", ("d", SvgWriter.PathThrough([(left, bottom), (left + BarsWidth, bottom)])), ("fill", "none"), ("class", Paint.Axis));
        int apart = (int)Math.Ceiling(Math.Max(1, steps) / (BarsWidth / 34));
        for (int step = 1; step <= steps; step += apart)
            svg.Text(left + ((step - 1) * pitch) + (bar / 2), bottom + 16, $"{step}", s_label with { Anchor = TextAnchor.Middle });
        svg.Text(left, bottom + 36, "step", s_label);

        void Sample(double x, string text, int color)
        {
            svg.Element("rect", ("x", x), ("y", top - 18), ("width", 12), ("height", 12), ("rx", 2), ("class", Paint.Fill(color)));
            svg.Text(x + 18, top - 8, text, s_label);
        }
    }

    private long Weight(ChunkRange chunks) => _weightsBefore[chunks.End] - _weightsBefore[chunks.First];

    private string Share(long weight) => ((double)weight / _weightsBefore[^1]).ToString("0.####", CultureInfo.InvariantCulture);
}
