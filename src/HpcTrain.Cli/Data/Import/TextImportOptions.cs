using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Data;

namespace HpcTrain.Cli.Data;

internal sealed class TextImportOptions : ImportOptionsBase, IImportOptions
{
    public static string Summary =>
        "Make a dataset for a model that predicts the next character from a text (UTF-8, plain or gzip): the fields 'input' and 'target' hold " +
        "the ids of as many characters as the context has, target one character further on; the manifest lists the ids' characters.";

    public static string Example => $"{Training}\n  hpctrain data import text --in book.txt --from 90 --vocabulary data/book/train --out data/book/test";

    private const string Training = "hpctrain data import text --in book.txt --to 90 --out data/book/train";

    [Option("in", Required = true, MetaValue = "FILE", HelpText = "The text.")]
    public string In { get; set; } = "";

    [Option("context", Default = 128, MetaValue = "N", HelpText = "Characters in a sample's input.")]
    public int Context { get; set; }

    [Option("stride", MetaValue = "N", HelpText = "Characters from one sample's start to the next (default: the context, so that each character is a target once).")]
    public int? Stride { get; set; }

    [Option("from", Default = 0.0, MetaValue = "PERCENT", HelpText = "Where the part to import begins in the text.")]
    public double From { get; set; }

    [Option("to", Default = 100.0, MetaValue = "PERCENT", HelpText = "Where the part ends; a part from there on shares no character with this one.")]
    public double To { get; set; }

    [Option("newlines", Default = NewlineRule.Lf, MetaValue = "RULE", HelpText =
        "lf (line ends become LF), unwrap (within a paragraph they become spaces) or keep.")]
    public NewlineRule Newlines { get; set; }

    [Option("vocabulary-size", MetaValue = "N", HelpText =
        "Ids at most (default: 256): one for unknown characters, the others for the most frequent ones.")]
    public int? VocabularySize { get; set; }

    [Option("vocabulary", MetaValue = "FOLDER", HelpText = "Take the vocabulary of this dataset: that of the training part, for the other parts.")]
    public string? VocabularyOf { get; set; }

    public SampleReader Open()
    {
        if (Context < 1)
            throw new UsageException($"--context must be 1 or more, not {Context}");
        if (Stride < 1)
            throw new UsageException($"--stride must be 1 or more, not {Stride}");
        if (!(From >= 0 && From < To && To <= 100))
            throw new UsageException(FormattableString.Invariant($"--from and --to must be percent of the text, 0 to 100, the smaller first, not {From} and {To}"));
        if (VocabularySize is < 2 or > Vocabulary.MaxSize)
            throw new UsageException($"--vocabulary-size must be 2 to {Vocabulary.MaxSize}, not {VocabularySize}");
        if (VocabularySize is not null && VocabularyOf is not null)
            throw new UsageException("--vocabulary takes a vocabulary as it is and --vocabulary-size makes one; give one of them");
        var options = new CharacterOptions
        {
            Context = Context,
            Stride = Stride ?? 0,
            FromPercent = From,
            ToPercent = To,
            Newlines = Newlines,
            Vocabulary = VocabularyOf is null ? null : ReadVocabulary(VocabularyOf),
        };
        return new CharacterReader(In, VocabularySize is { } size ? options with { VocabularySize = size } : options);
    }

    private static Vocabulary ReadVocabulary(string folder) => Manifest.Load(folder).Vocabulary is { } characters
        ? new Vocabulary(characters)
        : throw new DatasetException($"The dataset at {folder} has no vocabulary; name one that 'hpctrain data import text' made.");
}
