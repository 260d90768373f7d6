using HpcTrain.Pipelines.Building;

namespace HpcTrain.Pipelines;

/// <summary>A way to order the work of a pipeline: its name, what it refuses, what it costs.</summary>
public sealed class PipelineGenerator
{
    private readonly Func<PipelineSpec, int, IEnumerable<PipelineAction>> _order;
    private readonly Func<PipelineSpec, string?> _refusal;
    private readonly Func<PipelineSpec, double> _bubble;
    private readonly Func<PipelineSpec, int, int> _peak;

    /// <summary>Describes a generator.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="order">The computations of a rank in their order: a pure function.</param>
    /// <param name="refusal">Why it cannot do what is asked, as a clause that follows its name; null when it can.</param>
    /// <param name="bubble">The closed form of the bubble share.</param>
    /// <param name="peak">The closed form of the most chunk activations that a rank keeps.</param>
    internal PipelineGenerator(
        string name, Func<PipelineSpec, int, IEnumerable<PipelineAction>> order, Func<PipelineSpec, string?> refusal, Func<PipelineSpec, double> bubble,
        Func<PipelineSpec, int, int> peak)
    {
        (Name, _order, _refusal, _bubble, _peak) = (name, order, refusal, bubble, peak);
    }

    /// <summary>Its name, for example <c>1f1b</c>.</summary>
    public string Name { get; }

    /// <summary>What its schedules achieve.</summary>
    public PipelinePurpose Purpose { get; init; } = PipelinePurpose.Training;

    /// <summary>Other names that are understood.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The idea, in a line.</summary>
    public required string Summary { get; init; }

    /// <summary>The bubble share as a formula of S stages, M micro-batches and V chunks per rank.</summary>
    public required string BubbleFormula { get; init; }

    /// <summary>The peak of activations of a rank as a formula, in micro-batches.</summary>
    public required string MemoryFormula { get; init; }

    /// <summary>Why it cannot do what is asked, in a sentence; null when it can.</summary>
    public string? Refusal(PipelineSpec spec)
    {
        if (spec.Stages < 1 || spec.MicroBatches < 1 || spec.ChunksPerRank < 1)
            return $"A pipeline needs at least one stage, one micro-batch and one chunk per rank, not {spec}.";
        return _refusal(spec) is { } reason ? $"{Name} {reason}; asked for were {spec}." : null;
    }

    /// <summary>Makes the schedule.</summary>
    /// <exception cref="PipelineException">It cannot do what is asked: the message says why, and what would do.</exception>
    public PipelineSchedule Create(PipelineSpec spec)
    {
        if (Refusal(spec) is { } reason)
            throw new PipelineException(reason);
        return ScheduleAssembly.Create(Name, Purpose, spec, rank => _order(spec, rank));
    }

    /// <summary>
    /// The closed form of the bubble: the share of the ranks' time in which they have nothing to do, when all chunks take equally long, a backward twice as long as
    /// a forward (its halves as long as one), and messages no time.
    /// </summary>
    public double Bubble(PipelineSpec spec) => _bubble(spec);

    /// <summary>The closed form of the peak of a rank: so many micro-batches of chunks are kept for their backwards at a time.</summary>
    public int PeakActivations(PipelineSpec spec, int rank) => _peak(spec, rank);

    /// <summary>What generators without interleaving say to several chunks.</summary>
    /// <param name="spec">What is asked for.</param>
    /// <param name="instead">Generators that interleave.</param>
    internal static string? OneChunk(PipelineSpec spec, string instead) =>
        spec.ChunksPerRank > 1 ? $"has one chunk per rank; take {instead} for several" : null;
}
