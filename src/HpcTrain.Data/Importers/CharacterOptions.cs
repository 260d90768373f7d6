namespace HpcTrain.Data;

/// <summary>How a text becomes samples.</summary>
public sealed record CharacterOptions
{
    /// <summary>Characters of a sample's input, at least 1; the target is as long, one character further on.</summary>
    public int Context { get; init; } = 128;

    /// <summary>Characters from the start of a sample to the start of the next; 0 for as many as <see cref="Context"/>, so that every
    /// character is the target of one sample.</summary>
    public int Stride { get; init; }

    /// <summary>What becomes of the ends of lines.</summary>
    public NewlineRule Newlines { get; init; } = NewlineRule.Lf;

    /// <summary>Ids at most, the unknown one included, when the vocabulary is made from this text: 2 to <see cref="Vocabulary.MaxSize"/>.</summary>
    public int VocabularySize { get; init; } = 256;

    /// <summary>The vocabulary of another part of the text; null to make one from this part.</summary>
    public Vocabulary? Vocabulary { get; init; }

    /// <summary>Where the part begins, in percent of the text's characters.</summary>
    public double FromPercent { get; init; }

    /// <summary>Where the part ends, in percent of the text's characters. Parts that meet share no character.</summary>
    public double ToPercent { get; init; } = 100;

    internal void Validate()
    {
        if (Context < 1)
            throw new DatasetException($"A context of {Context} characters makes no sense; give 1 or more.");
        if (Stride < 0)
            throw new DatasetException($"A stride of {Stride} characters makes no sense; give 1 or more, or 0 for the context's length.");
        if (VocabularySize is < 2 or > Vocabulary.MaxSize)
            throw new DatasetException($"A vocabulary of {VocabularySize} ids makes no sense; give 2 to {Vocabulary.MaxSize}.");
        if (!(FromPercent >= 0 && FromPercent < ToPercent && ToPercent <= 100))
            throw new DatasetException(FormattableString.Invariant(
                $"The part from {FromPercent} % to {ToPercent} % makes no sense; give two numbers from 0 to 100, the smaller first."));
    }
}
