using HpcTrain.Data;
using HpcTrain.Training;
using HpcTrain.Training.Jobs;

namespace CharTransformer;

/// <summary>A text in two parts with one vocabulary, as <c>hpctrain data import text</c> makes it.</summary>
internal sealed record TextData(ShardedDataset Training, ShardedDataset Test, Vocabulary Vocabulary)
{
    /// <summary>Characters of a sample.</summary>
    public int Context => (int)Training.Fields[Training.FieldIndex("input")].ElementsPerSample;

    /// <summary>What a sample text continues: a line end, or where the text has none its commonest character.</summary>
    public string DefaultPrompt => Vocabulary.Characters.Contains("\n") ? "\n" : Vocabulary.Characters[1];

    /// <summary>Opens the parts and checks that they go together, and that the prompt can be told to the model.</summary>
    /// <exception cref="DatasetException">A part is missing or not whole, is no text, or has another vocabulary.</exception>
    /// <exception cref="TrainingException">The prompt has a character that the vocabulary does not hold.</exception>
    public static TextData Open(JobContext job, CharTransformerOptions options)
    {
        var (training, test) = (job.Dataset("train"), job.Dataset("test"));
        if (training.Manifest.Vocabulary is not { } characters)
            throw new DatasetException($"The dataset at {training.Folder} is no text; import one with 'hpctrain data import text'.");
        if (!characters.SequenceEqual(test.Manifest.Vocabulary ?? []))
            throw new DatasetException(
                $"The dataset at {test.Folder} has another vocabulary than {training.Folder}; import it again with --vocabulary {training.Folder}.");
        var vocabulary = new Vocabulary(characters);
        var unknown = (options.Prompt ?? "").EnumerateRunes().FirstOrDefault(character => vocabulary.Id(character) == Vocabulary.Unknown);
        if (unknown != default)
            throw new TrainingException($"--prompt has the character '{unknown}', which the text at {training.Folder} does not use: choose others.");
        return new TextData(training, test, vocabulary);
    }
}
