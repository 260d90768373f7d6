namespace HpcTrain.CommandLine;

/// <summary>Guesses what a misspelt word meant.</summary>
public static class NearestName
{
    /// <summary>
    /// The candidate that a misspelt word most likely means: the one that starts with it, else the one at the smallest
    /// edit distance, when that is at most a third of the word's length (at least 1); null when none is near.
    /// </summary>
    public static string? Find(string word, IEnumerable<string> candidates)
    {
        var names = candidates.ToArray();
        if (word.Length > 0 && names.FirstOrDefault(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase)) is { } longer)
            return longer;
        var nearest = names.MinBy(name => Distance(word, name));
        return nearest is not null && Distance(word, nearest) <= Math.Max(1, word.Length / 3) ? nearest : null;
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other, ignoring case.</summary>
    public static int Distance(string from, string to)
    {
        // steps[i, j]: from the first i letters of one word to the first j of the other (optimal string alignment).
        var steps = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
        {
            for (var j = 0; j <= to.Length; j++)
            {
                steps[i, j] = i == 0 || j == 0
                    ? i + j
                    : Math.Min(Math.Min(steps[i - 1, j], steps[i, j - 1]) + 1, steps[i - 1, j - 1] + (Same(i, j) ? 0 : 1));
                if (i > 1 && j > 1 && Same(i, j - 1) && Same(i - 1, j))
                    steps[i, j] = Math.Min(steps[i, j], steps[i - 2, j - 2] + 1);
            }
        }
        return steps[from.Length, to.Length];

        bool Same(int i, int j) => char.ToUpperInvariant(from[i - 1]) == char.ToUpperInvariant(to[j - 1]);
    }
}
