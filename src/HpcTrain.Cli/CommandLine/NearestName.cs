namespace HpcTrain.Cli.CommandLine;

internal static class NearestName
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
        var nearest = names.MinBy(name => EditDistance(word, name));
        return nearest is not null && EditDistance(word, nearest) <= Math.Max(1, word.Length / 3) ? nearest : null;
    }

    /// <summary>Insertions, deletions and replacements of one letter that lead from one word to the other, ignoring case.</summary>
    internal static int EditDistance(string from, string to)
    {
        // One row of the Levenshtein table at a time: row[j] is the distance of the letters read so far to to[..j].
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var same = char.ToUpperInvariant(from[i - 1]) == char.ToUpperInvariant(to[j - 1]);
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1)));
            }
        }
        return row[^1];
    }
}
