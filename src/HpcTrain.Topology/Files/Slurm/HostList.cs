using System.Globalization;

namespace HpcTrain.Topology;

/// <summary>
/// Slurm's expressions for many names: <c>node[01-03,7],login</c> is node01, node02, node03, node7 and login. Several brackets in a name multiply; a number keeps the
/// zeros that the first of its range has.
/// </summary>
public static class HostList
{
    /// <summary>More names than this are taken for a mistake.</summary>
    public const int MostNames = 1 << 18;

    /// <summary>The names that an expression stands for, in its order.</summary>
    /// <exception cref="TopologyException">It is not of this form; the sentence says where, but not in which file.</exception>
    public static IReadOnlyList<string> Expand(string expression)
    {
        var names = new List<string>();
        int start = 0;
        int depth = 0;
        for (int i = 0; i <= expression.Length; i++)
        {
            char letter = i < expression.Length ? expression[i] : ',';
            depth += letter switch { '[' => 1, ']' => -1, _ => 0 };
            if (depth is < 0 or > 1 || (i == expression.Length && depth != 0))
                throw new TopologyException($"The brackets in '{expression}' do not match.");
            if (letter != ',' || depth != 0)
                continue;
            if (i == start)
                throw new TopologyException($"A name is missing in '{expression}'.");
            names.AddRange(ExpandOne(expression[start..i], expression, MostNames - names.Count));
            start = i + 1;
        }

        return names;
    }

    // Each bracket multiplies what the text before it stands for.
    private static List<string> ExpandOne(string word, string expression, int most)
    {
        List<string> names = [""];
        while (word.Length > 0)
        {
            int open = word.IndexOf('[', StringComparison.Ordinal), close = word.IndexOf(']', StringComparison.Ordinal);
            string before = open < 0 ? word : word[..open];
            List<string> numbers = open < 0 ? [""] : [.. word[(open + 1)..close].Split(',').SelectMany(range => ExpandRange(range, expression))];
            if ((long)names.Count * numbers.Count > most)
                throw new TopologyException($"'{expression}' stands for more than {MostNames} names.");
            names = [.. names.SelectMany(name => numbers.Select(number => name + before + number))];
            word = open < 0 ? "" : word[(close + 1)..];
        }

        return names;
    }

    private static IEnumerable<string> ExpandRange(string range, string expression)
    {
        string[] ends = range.Split('-');
        if (ends.Length > 2 || !ends.All(end => int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
            throw new TopologyException($"'{range}' in '{expression}' is not a number or a range such as 0-3.");
        int first = int.Parse(ends[0], CultureInfo.InvariantCulture), last = int.Parse(ends[^1], CultureInfo.InvariantCulture);
        if (last < first)
            throw new TopologyException($"The range {range} in '{expression}' runs backwards.");
        if (last - first >= MostNames)
            throw new TopologyException($"'{expression}' stands for more than {MostNames} names.");
        return Enumerable.Range(first, last - first + 1).Select(number => number.ToString(CultureInfo.InvariantCulture).PadLeft(ends[0].Length, '0'));
    }
}
