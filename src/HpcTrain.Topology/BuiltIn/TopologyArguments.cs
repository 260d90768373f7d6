using System.Globalization;

namespace HpcTrain.Topology;

/// <summary>What was chosen of a built-in topology: <c>fat-tree:k=16,bandwidth=25</c>, and the defaults for the rest.</summary>
internal sealed class TopologyArguments
{
    private readonly Dictionary<string, string> _values = [];

    private readonly BuiltInTopology _family;

    public TopologyArguments(BuiltInTopology family, string specification, string choices)
    {
        _family = family;
        Specification = specification;
        foreach (TopologyParameter parameter in family.Parameters)
            _values[parameter.Name] = parameter.Default;
        var given = new HashSet<string>();
        foreach (string choice in choices.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] pair = choice.Split('=', 2, StringSplitOptions.TrimEntries);
            if (pair.Length != 2 || pair[1].Length == 0)
                throw new TopologyException($"'{choice}' in topology '{specification}' is not of the form name=value, as in {family.Example}.");
            if (!_values.ContainsKey(pair[0]))
            {
                string names = string.Join(", ", family.Parameters.Select(parameter => parameter.Name));
                throw new TopologyException($"Topology '{family.Name}' has no parameter '{pair[0]}'; it has {names}.");
            }

            if (!given.Add(pair[0]))
                throw new TopologyException($"Parameter {pair[0]} is given twice in topology '{specification}'.");
            _values[pair[0]] = pair[1];
        }
    }

    /// <summary>The whole text, which names the graph.</summary>
    public string Specification { get; }

    /// <summary>A parameter as it was given.</summary>
    public string this[string name] => _values[name];

    /// <summary>A whole number in a range.</summary>
    public int Integer(string name, int least, int most) =>
        TryInteger(_values[name], least, most, out int value) ? value : throw Wrong(name, $"a whole number from {least} to {most}");

    /// <summary>Whole numbers with x between them: <c>4x4x2</c>.</summary>
    public int[] Integers(string name, int least, int most)
    {
        string[] words = _values[name].Split('x');
        var values = new int[words.Length];
        string example = _family.Parameters.First(parameter => parameter.Name == name).Default;
        for (int i = 0; i < words.Length; i++)
        {
            if (!TryInteger(words[i], least, most, out values[i]))
                throw Wrong(name, $"whole numbers from {least} to {most} with x between them, such as {example}");
        }

        return values;
    }

    /// <summary>true or false.</summary>
    public bool Boolean(string name) => bool.TryParse(_values[name], out bool value) ? value : throw Wrong(name, "true or false");

    /// <summary>A bandwidth in GB/s.</summary>
    public Rational Bandwidth(string name = CommonParameters.BandwidthName) =>
        Rational.TryParse(_values[name], out Rational value) && value.Sign > 0 ? value : throw Wrong(name, "a number of GB/s above 0");

    /// <summary>The latency of every link in seconds.</summary>
    public double LatencySeconds() =>
        double.TryParse(_values[CommonParameters.LatencyName], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0 && double.IsFinite(value)
            ? value / 1e6 : throw Wrong(CommonParameters.LatencyName, "a number of microseconds, 0 or more");

    /// <summary>An error about a parameter.</summary>
    public TopologyException Wrong(string name, string needed) => new($"Parameter {name} of topology '{_family.Name}' is {_values[name]}; it needs to be {needed}.");

    private static bool TryInteger(string text, int least, int most, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;
}
