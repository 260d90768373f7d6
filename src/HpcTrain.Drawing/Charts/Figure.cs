namespace HpcTrain.Drawing;

/// <summary>What a chart and a page of charts have in common: a heading, a note at the foot, a width.</summary>
public abstract record Figure
{
    /// <summary>The least width of a figure, in CSS pixels.</summary>
    public const double LeastWidth = 320;

    private const double Margin = 20, SpaceAboveNote = 10;
    private readonly double _width = 720;

    /// <summary>The headline. Long ones are broken into lines.</summary>
    public required string Title { get; init; }

    /// <summary>What else must be known to read the figure: "allreduce, 2 ranks, f32".</summary>
    public string? Subtitle { get; init; }

    /// <summary>Small print at the foot: machine, libraries, date.</summary>
    public string? Note { get; init; }

    /// <summary>What the figure shows, for those who cannot see it; by default what its axes and series are called.</summary>
    public string? Description { get; init; }

    /// <summary>The natural width, in CSS pixels; at least <see cref="LeastWidth"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less.</exception>
    public double Width
    {
        get => _width;
        init => _width = value is >= LeastWidth and <= 1e6
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"A figure is at least {LeastWidth} pixels wide.");
    }

    /// <summary>The figure as the text of an SVG file. The same figure always gives the same text.</summary>
    public string ToSvg()
    {
        double inner = Width - (2 * Margin);
        var heading = new Heading(Title, TextStyle.Title, Subtitle, inner);
        IReadOnlyList<string> note = TextMeasure.Wrap(Note ?? "", inner, TextStyle.Note);
        double foot = note.Count == 0 ? 0 : SpaceAboveNote + (note.Count * TextStyle.Note.LineHeight);
        double around = (2 * Margin) + heading.Height + foot;
        double body = BodyHeight(inner, around);
        double height = Math.Ceiling(body + around);
        return new SvgDocument { Width = Width, Height = height, Title = Title, Description = Description ?? Describe() }.Draw(svg =>
        {
            heading.Draw(svg, Margin, Margin);
            DrawBody(svg, new Box(Margin, Margin + heading.Height, inner, body));
            for (int i = 0; i < note.Count; i++)
                svg.Text(Margin, height - Margin - ((note.Count - 1 - i) * TextStyle.Note.LineHeight), note[i], TextStyle.Note);
        });
    }

    private protected abstract string Describe();

    /// <summary>The height of what is drawn between heading and note, which take <paramref name="around"/> with the margins.</summary>
    private protected abstract double BodyHeight(double width, double around);

    private protected abstract void DrawBody(SvgWriter svg, Box area);
}
