using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using HpcTrain.Data.Importers;
using HpcTrain.Kernels;

namespace HpcTrain.Data;

/// <summary>
/// Reads a text (UTF-8, plain or gzip) as samples for a model that predicts the next character. A sample is context + 1
/// characters in a row, as ids of the vocabulary: the field "input" holds the first context of them, "target" the last. Samples
/// start a stride apart; a rest that is too short for a sample is left out. The text is in memory while it is imported, 4 bytes
/// per character.
/// </summary>
public sealed class CharacterReader : SampleReader
{
    private readonly InputFile input;
    private readonly CharacterOptions options;
    private readonly Vocabulary vocabulary;
    private readonly int[] ids;
    private readonly int stride;
    private readonly long count;
    private long done;

    /// <summary>Reads the text and finds its samples.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How it becomes samples.</param>
    /// <exception cref="DatasetException">The file cannot be read, is no UTF-8 text, or too short for a sample; or the options make no
    /// sense.</exception>
    public CharacterReader(string path, CharacterOptions options)
    {
        options.Validate();
        this.options = options;
        stride = options.Stride == 0 ? options.Context : options.Stride;
        input = new InputFile(path);
        try
        {
            var text = CollectionsMarshal.AsSpan(CharacterText.Read(input, options.Newlines));
            var (from, to) = ((int)(text.Length * options.FromPercent / 100), (int)(text.Length * options.ToPercent / 100));
            var part = text[from..to];
            if (part.Length <= options.Context)
                throw new DatasetException(FormattableString.Invariant(
                    $"{path} has {part.Length} characters from {options.FromPercent} % to {options.ToPercent} %, but a sample with context {options.Context} ")
                    + $"needs {options.Context + 1L}; give a longer text or a smaller context.");
            vocabulary = options.Vocabulary ?? Vocabulary.MostFrequent(Counts(part), options.VocabularySize);
            ids = Encode(part);
        }
        catch
        {
            Dispose();
            throw;
        }
        count = (ids.Length - options.Context - 1) / stride + 1;
        var type = vocabulary.Size <= 1 << 8 ? ElementType.U8 : ElementType.U16;
        Fields = [new("input", type, [options.Context]), new("target", type, [options.Context])];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FieldSchema> Fields { get; }

    /// <inheritdoc/>
    public override long? Count => count;

    /// <inheritdoc/>
    public override double Progress => (double)done / count;

    /// <inheritdoc/>
    public override string Importer => "text";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Options => new Dictionary<string, string>
    {
        ["context"] = options.Context.ToString(CultureInfo.InvariantCulture),
        ["stride"] = stride.ToString(CultureInfo.InvariantCulture),
        ["newlines"] = options.Newlines.ToString().ToLowerInvariant(),
        ["from"] = options.FromPercent.ToString(CultureInfo.InvariantCulture),
        ["to"] = options.ToPercent.ToString(CultureInfo.InvariantCulture),
        ["vocabulary-size"] = options.Vocabulary is null ? options.VocabularySize.ToString(CultureInfo.InvariantCulture) : "as given",
    };

    /// <inheritdoc/>
    public override IReadOnlyList<string> Inputs => [input.Path];

    /// <inheritdoc/>
    public override Vocabulary Vocabulary => vocabulary;

    /// <summary>Characters of the part that the vocabulary does not hold.</summary>
    public long UnknownCharacters => ids.LongCount(id => id == Vocabulary.Unknown);

    /// <inheritdoc/>
    public override int Read(int samples, IReadOnlyList<Memory<byte>> buffers)
    {
        samples = (int)Math.Min(samples, count - done);
        for (var sample = 0; sample < samples; sample++)
        {
            var start = (int)((done + sample) * stride);
            for (var field = 0; field < Fields.Count; field++)
                Write(ids.AsSpan(start + field, options.Context), buffers[field].Span[(int)(sample * Fields[field].BytesPerSample)..]);
        }
        done += samples;
        return samples;
    }

    internal override IReadOnlyList<SourceFile> DescribeInputs() => [input.Describe()];

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => input.Dispose();

    private static Dictionary<Rune, long> Counts(ReadOnlySpan<int> text)
    {
        var counts = new Dictionary<Rune, long>();
        foreach (var character in text)
            CollectionsMarshal.GetValueRefOrAddDefault(counts, new Rune(character), out _)++;
        return counts;
    }

    private int[] Encode(ReadOnlySpan<int> text)
    {
        var encoded = new int[text.Length];
        for (var i = 0; i < text.Length; i++)
            encoded[i] = vocabulary.Id(new Rune(text[i]));
        return encoded;
    }

    private void Write(ReadOnlySpan<int> part, Span<byte> destination)
    {
        if (Fields[0].Type == ElementType.U8)
        {
            for (var i = 0; i < part.Length; i++)
                destination[i] = (byte)part[i];
            return;
        }
        var wide = MemoryMarshal.Cast<byte, ushort>(destination);
        for (var i = 0; i < part.Length; i++)
            wide[i] = (ushort)part[i];
    }
}
