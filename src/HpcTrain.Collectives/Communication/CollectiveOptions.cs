namespace HpcTrain.Collectives;

/// <summary>How the partial results of a 16-bit float reduction are kept while they travel.</summary>
public enum PartialPrecision : byte
{
    /// <summary>
    /// In f32, with one rounding at the end: the result does not get worse with more ranks, and messages are twice as long. Minimum and
    /// maximum are exact in 16 bits and always travel so.
    /// </summary>
    Single,

    /// <summary>In 16 bits: each step computes in f32 and rounds.</summary>
    Element,
}

/// <summary>How one collective is done. The same on all ranks.</summary>
public sealed record CollectiveOptions
{
    /// <summary>What is done when nothing is asked for.</summary>
    public static CollectiveOptions Default { get; } = new();

    /// <summary>
    /// A name or alias of the <see cref="AlgorithmCatalog"/>. It wins over all rules; <c>auto</c> leaves the choice to the communicator's rules, and where
    /// none matches to the memory of the node and the cost model (see <see cref="CollectiveCommunicator.Explain"/>).
    /// </summary>
    public string Algorithm { get; init; } = AlgorithmCatalog.Auto;

    /// <summary>A schedule to run instead of a named algorithm. It is verified when it is first used.</summary>
    public Schedule? Schedule { get; init; }

    /// <summary>
    /// The longest message in bytes; 0 for that of the rule that decides, or else 1 MiB. The result says what was used.
    /// </summary>
    public long SegmentBytes { get; init; }

    /// <summary>How partial sums of f16 and bf16 travel.</summary>
    public PartialPrecision Partials { get; init; } = PartialPrecision.Single;
}
