namespace HpcTrain.Drawing;

/// <summary>What tells one series from the others: colour, shape of its markers, dashes.</summary>
internal sealed record SeriesLook(int Color, MarkerShape Marker, LineStyle Line)
{
    public const double LineWidth = 2.25;

    public string? Dashes => Line switch { LineStyle.Dashed => "7 4", LineStyle.Dotted => "1.5 4", _ => null };

    public string Fill => Paint.Fill(Color);

    public string Stroke => Paint.Stroke(Color);
}

/// <summary>
/// The looks of the series of a chart, or of all panels of a page: by name, in the order in which the names come first, so that a
/// series looks the same in each panel. There are 8 colours and 7 markers, so 56 series differ.
/// </summary>
internal sealed class SeriesLooks
{
    private readonly Dictionary<string, SeriesLook> _looks = [];

    public SeriesLooks(IEnumerable<ISeries> series)
    {
        foreach (ISeries one in series)
        {
            int number = _looks.Count;
            _looks.TryAdd(one.Name, new(one.Color ?? number, (MarkerShape)(number % Enum.GetValues<MarkerShape>().Length), one.Line));
        }
    }

    public SeriesLook this[ISeries series] => _looks[series.Name];
}
