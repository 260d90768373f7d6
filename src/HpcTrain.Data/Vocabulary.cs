using System.Collections.ObjectModel;
using System.Text;

namespace HpcTrain.Data;

/// <summary>
/// What the ids of a text stand for: each a character (a Unicode scalar value). Id 0 is every character that the vocabulary does
/// not hold; it is written as U+FFFD, Unicode's own sign for that.
/// </summary>
public sealed class Vocabulary
{
    /// <summary>The id of characters that the vocabulary does not hold.</summary>
    public const int Unknown = 0;

    /// <summary>The most ids that a vocabulary has: they are stored in 16 bits at most.</summary>
    public const int MaxSize = 1 << 16;

    private readonly Dictionary<Rune, int> ids = [];

    /// <summary>A vocabulary from the texts of its ids, as a manifest lists them.</summary>
    /// <param name="characters">One character per id, U+FFFD first.</param>
    /// <exception cref="DatasetException">The list is not of that form.</exception>
    public Vocabulary(IReadOnlyList<string> characters)
    {
        if (characters.Count is < 2 or > MaxSize || characters[Unknown] != Rune.ReplacementChar.ToString())
            throw new DatasetException(
                $"A vocabulary has U+FFFD for its id 0 and 2 to {MaxSize} ids, not {characters.Count}; import the text again.");
        Characters = new ReadOnlyCollection<string>([.. characters]);
        for (var id = 0; id < characters.Count; id++)
            if (Rune.DecodeFromUtf16(characters[id], out var rune, out var length) != System.Buffers.OperationStatus.Done
                || length != characters[id].Length || !ids.TryAdd(rune, id))
                throw new DatasetException(
                    $"The vocabulary's id {id} is \"{characters[id]}\", which is not one character or stands there twice; import the text again.");
    }

    /// <summary>The character of each id.</summary>
    public IReadOnlyList<string> Characters { get; }

    /// <summary>How many ids there are, the unknown one included.</summary>
    public int Size => Characters.Count;

    /// <summary>The most frequent characters of a text, the most frequent first; among equals the smaller code point.</summary>
    /// <param name="counts">How often each character occurs.</param>
    /// <param name="size">At most so many ids, the unknown one included; 2 to <see cref="MaxSize"/>.</param>
    public static Vocabulary MostFrequent(IReadOnlyDictionary<Rune, long> counts, int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, MaxSize);
        return new Vocabulary(
        [
            Rune.ReplacementChar.ToString(),
            .. counts.Where(pair => pair.Key != Rune.ReplacementChar)
                .OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key)
                .Take(size - 1).Select(pair => pair.Key.ToString()),
        ]);
    }

    /// <summary>The id of a character; <see cref="Unknown"/> for those that the vocabulary does not hold.</summary>
    public int Id(Rune character) => ids.GetValueOrDefault(character, Unknown);

    /// <summary>The ids of a text, one per character.</summary>
    public int[] Encode(string text) => [.. text.EnumerateRunes().Select(Id)];

    /// <summary>The text of ids.</summary>
    public string Decode(IEnumerable<long> text) => string.Concat(text.Select(id => Characters[(int)id]));
}
