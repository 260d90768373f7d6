using CommandLine;
using HpcTrain.Training;
using HpcTrain.Training.Jobs;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Schedules;

namespace CharTransformer;

/// <summary>The job's own options, and what it wants of the common ones unless told otherwise.</summary>
internal sealed class CharTransformerOptions : TrainingOptions
{
    [Option("layers", MetaValue = "N", Default = 4, HelpText = "Blocks of attention and MLP.")]
    public int Layers { get; set; }

    [Option("width", MetaValue = "N", Default = 128, HelpText = "Numbers that stand for a character between the layers; a multiple of --heads.")]
    public int Width { get; set; }

    [Option("heads", MetaValue = "N", Default = 4, HelpText = "Attention heads of a block.")]
    public int Heads { get; set; }

    [Option("context", MetaValue = "N", HelpText =
        "Characters that the model sees: those of the data's samples (default), or a divisor of them, which cuts each sample into several.")]
    public int? Context { get; set; }

    [Option("dropout", MetaValue = "P", Default = 0.0, HelpText = "Share of units that training leaves out at random after attention and MLP.")]
    public double Dropout { get; set; }

    [Option("sample-length", MetaValue = "N", Default = 400, HelpText = "Characters to write at the end, printed and kept as sample.txt of the run folder; 0: none.")]
    public int SampleLength { get; set; }

    [Option("temperature", MetaValue = "X", Default = 0.8, HelpText = "How freely they are drawn: 0 takes the likeliest, 1 the model's own odds.")]
    public double Temperature { get; set; }

    [Option("prompt", MetaValue = "TEXT", HelpText = "What they continue (default: a line end, or the commonest character where there is none).")]
    public string? Prompt { get; set; }

    [Option("batch", MetaValue = "N", Default = 4, HelpText = "Samples per rank and step; the global batch is this times the ranks.")]
    public override int Batch { get; set; }

    [Option("optimizer", MetaValue = "NAME", Default = OptimizerKind.AdamW, HelpText = "sgd, nesterov, adam or adamw.")]
    public override OptimizerKind Optimizer { get; set; }

    [Option("learning-rate", MetaValue = "X", Default = 1e-3, HelpText = "Learning rate for a global batch of --reference-batch samples; scaled linearly for others.")]
    public override double LearningRate { get; set; }

    [Option("reference-batch", MetaValue = "N", Default = 4, HelpText = "The global batch that --learning-rate is meant for.")]
    public override int ReferenceBatch { get; set; }

    [Option("schedule", MetaValue = "FORM", Default = "cosine", HelpText = "How the learning rate falls after the warm-up: " + ScheduleText.Forms + " (FACTOR 0.1, POWER 1 if not given).")]
    public override string Schedule { get; set; } = "cosine";

    [Option("weight-decay", MetaValue = "X", Default = 0.01, HelpText = "Weight decay: L2, of AdamW decoupled.")]
    public override double WeightDecay { get; set; }

    /// <inheritdoc/>
    public override void Validate()
    {
        base.Validate();
        Require(Layers >= 1, "--layers", Layers, "at least 1");
        Require(Heads >= 1, "--heads", Heads, "at least 1");
        Require(Width >= 1 && Width % Heads == 0, "--width", Width, FormattableString.Invariant($"a multiple of --heads, which is {Heads}"));
        Require(Context is null or >= 1, "--context", Context, "at least 1");
        Require(Dropout is >= 0 and < 1, "--dropout", Dropout, "at least 0 and below 1");
        Require(SampleLength >= 0, "--sample-length", SampleLength, "0 or more");
        Require(Temperature >= 0 && double.IsFinite(Temperature), "--temperature", Temperature, "0 or more");
        if (Prompt is "")
            throw new TrainingException("--prompt is empty: give at least one character, or leave it out.");
    }

    /// <summary>The model for a text.</summary>
    /// <exception cref="TrainingException">The context does not divide that of the data.</exception>
    public ModelShape Shape(TextData text)
    {
        var context = Context ?? text.Context;
        if (text.Context % context != 0)
            throw new TrainingException(
                $"--context is {context}, but the samples of {text.Training.Folder} have {text.Context} characters: give a divisor of that, or import the text with --context {context}.");
        return new ModelShape(text.Vocabulary.Size, context, Layers, Width, Heads, Dropout);
    }
}
