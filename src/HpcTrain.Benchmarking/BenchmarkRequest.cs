using HpcTrain.Collectives;
using HpcTrain.Kernels;
using HpcTrain.Topology;

namespace HpcTrain.Benchmarking;

/// <summary>What is to be measured, and where the results go. The same on all ranks.</summary>
public sealed record BenchmarkRequest
{
    /// <summary>The word for every algorithm of a collective.</summary>
    public const string AllAlgorithms = "all";

    /// <summary>The collectives, in the order of the rows.</summary>
    public required IReadOnlyList<CollectiveKind> Collectives { get; init; }

    /// <summary>The sizes of the whole data buffer. They are rounded down to whole elements, of each rank where each has a block.</summary>
    public required SizeSweep Sizes { get; init; }

    /// <summary>The element types.</summary>
    public IReadOnlyList<ElementType> Types { get; init; } = [ElementType.F32];

    /// <summary>The operations of reductions.</summary>
    public IReadOnlyList<ReduceOp> Ops { get; init; } = [ReduceOp.Sum];

    /// <summary>Whether pairs of type and operation that do not go together are left out; otherwise they are a mistake.</summary>
    public bool LeavesOutUndefined { get; init; }

    /// <summary>The root; null: every rank in turn.</summary>
    public int? Root { get; init; } = 0;

    /// <summary>Whether to measure with two buffers.</summary>
    public bool OutOfPlace { get; init; } = true;

    /// <summary>Whether to measure with one buffer.</summary>
    public bool InPlace { get; init; } = true;

    /// <summary>Names of algorithms, <c>auto</c> among them, or <see cref="AllAlgorithms"/>; none if only a schedule is measured.</summary>
    public IReadOnlyList<string> Algorithms { get; init; } = [AlgorithmCatalog.Auto];

    /// <summary>A file with a schedule that is measured beside the algorithms, or null. Rank 0 reads it.</summary>
    public string? ScheduleFile { get; init; }

    /// <summary>The links that the ranks run on, which the file has to be a plan for; null to take any schedule. Rank 0 compares.</summary>
    public LinkGraph? Topology { get; init; }

    /// <summary>The longest message in bytes; 0 for the default.</summary>
    public long SegmentBytes { get; init; }

    /// <summary>Whether the longest message is found for each row and algorithm by trying, before it is measured.</summary>
    public bool FindsSegments { get; init; }

    /// <summary>The messages that each channel keeps under way; 0 for the communicator's default.</summary>
    public int SegmentsInFlight { get; init; }

    /// <summary>The memory that our collectives work on.</summary>
    public BufferKind Buffers { get; init; } = BufferKind.Communicator;

    /// <summary>Whether the MPI library's own collectives are measured in the same rounds.</summary>
    public bool ComparesWithVendor { get; init; } = true;

    /// <summary>Batches per row; null: until the 95 % confidence intervals of the medians are within 5 %.</summary>
    public int? Iterations { get; init; } = 20;

    /// <summary>Without a number of batches: how long a row may take before no further round begins.</summary>
    public TimeSpan RowTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Calls before the clock starts; 0 also leaves out all that waits for code to be compiled for good.</summary>
    public int Warmup { get; init; } = 5;

    /// <summary>Whether results are checked.</summary>
    public bool Checks { get; init; } = true;

    /// <summary>Damages one element of each result before it is checked, to see that the check finds it.</summary>
    public bool InjectsError { get; init; }

    /// <summary>Whether overlap with computation is measured instead of latency.</summary>
    public bool Overlap { get; init; }

    /// <summary>Whether to say why <c>auto</c> chose what it did.</summary>
    public bool Explains { get; init; }

    /// <summary>How long a call may stand still; null for the communicator's default.</summary>
    public TimeSpan? StallTimeout { get; init; }

    /// <summary>After this time no row begins; null for no bound.</summary>
    public TimeSpan? MaxTime { get; init; }

    /// <summary>The seed of the data.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The file for the results as JSON, or null.</summary>
    public string? JsonFile { get; init; }

    /// <summary>The file for the results as CSV, or null.</summary>
    public string? CsvFile { get; init; }

    /// <summary>The file for the results as an SVG chart, or null.</summary>
    public string? ChartFile { get; init; }

    /// <summary>The file for the timeline of our calls on all ranks, or null.</summary>
    public string? TimelineFile { get; init; }

    /// <summary>The program and its version, for the record.</summary>
    public string Program { get; init; } = "hpctrain";

    /// <summary>The command line, for the record.</summary>
    public string CommandLine { get; init; } = "";

    /// <summary>The processor's model, for the record.</summary>
    public string Processor { get; init; } = "unknown";
}
