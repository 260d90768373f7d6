using HpcTrain.Benchmarking;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Kernels;

namespace HpcTrain.Cli.Tune;

/// <summary>A call to be tuned.</summary>
/// <param name="Collective">The collective.</param>
/// <param name="Count">Its elements, as a call counts them.</param>
/// <param name="Bytes">The bytes of its whole data buffer.</param>
internal sealed record TuneCell(CollectiveKind Collective, long Count, long Bytes)
{
    public ElementType Type => Collective == CollectiveKind.Barrier ? ElementType.U8 : ElementType.F32;

    /// <summary>The call, on memory that may be missing.</summary>
    public unsafe CollectiveCall Call(void* source, void* destination) => new()
    {
        Collective = Collective,
        Source = source,
        Destination = destination,
        Count = Count,
        Type = Type,
        Op = Collective == CollectiveKind.Barrier ? ReduceOp.Max : ReduceOp.Sum,
    };
}

/// <summary>A way to do a call.</summary>
/// <param name="Algorithm">Its name.</param>
/// <param name="SegmentBytes">The longest message; 0 for the default.</param>
internal readonly record struct TuneCandidate(string Algorithm, long SegmentBytes)
{
    public override string ToString() => SegmentBytes == 0 ? Algorithm : $"{Algorithm} by {ByteSize.Format(SegmentBytes)}";
}

/// <summary>What `hpctrain tune` measures, read from its options.</summary>
internal sealed record TunePlan(IReadOnlyList<CollectiveKind> Collectives, IReadOnlyList<long> Sizes, IReadOnlyList<long> Segments, TimeSpan MaxTime, string Output)
{
    /// <exception cref="UsageException">An option is wrong.</exception>
    public static TunePlan Of(TuneOptions options)
    {
        if (options.Factor < 2)
            throw new UsageException($"--factor is {options.Factor}; it must be at least 2");
        if (options.MaxTime is not (> 0 and < 1e7))
            throw new UsageException($"--max-time is {options.MaxTime}; it must be a number of seconds above 0");
        long first = SizeOf("--min-bytes", options.MinBytes), last = SizeOf("--max-bytes", options.MaxBytes);
        if (last < first)
            throw new UsageException($"--max-bytes is {options.MaxBytes}, below --min-bytes, which is {options.MinBytes}");
        if (Directory.Exists(options.Output) || Path.GetDirectoryName(Path.GetFullPath(options.Output)) is not { } folder || !Directory.Exists(folder))
            throw new UsageException($"--output is '{options.Output}'; it must be a file in a folder that is there");
        var sizes = new List<long>();
        for (var size = first; size < last; size = size > last / options.Factor ? last : size * options.Factor)
            sizes.Add(size);
        sizes.Add(last);
        long[] segments = [.. options.Segments.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text => SizeOf("--segments", text))];
        return new([.. ReadCollectives(options.Collectives)], sizes, segments, TimeSpan.FromSeconds(options.MaxTime), options.Output);
    }

    /// <summary>A size that an option gives: at least 1.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static long SizeOf(string option, string text) => ByteSize.TryParse(text, out var bytes) && bytes > 0
        ? bytes : throw new UsageException($"{option} is '{text}'; it must be a size above 0, such as 8, 64K or 16M");

    /// <summary>The collective of that name.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static CollectiveKind CollectiveOf(string name) => CollectiveKinds.TryParse(name, out var kind)
        ? kind : throw new UsageException($"there is no collective '{name}'; the names are {string.Join(", ", CollectiveKinds.Names)}");

    /// <summary>The calls to tune, short ones first, so that what a time limit leaves out are the longest.</summary>
    public IReadOnlyList<TuneCell> Cells(int ranks) =>
    [
        .. (from size in Sizes
            from collective in Collectives
            select Cell(collective, size, ranks)).Distinct(),
    ];

    /// <summary>The ways to do a call, first the one that the library would choose by itself.</summary>
    public unsafe IReadOnlyList<TuneCandidate> Candidates(TuneCell cell, NodeMap nodes, CollectiveCommunicator communicator)
    {
        var call = cell.Call(null, null);
        var candidates = new List<TuneCandidate> { new(communicator.Explain(call).Algorithm, 0) };
        foreach (var algorithm in AlgorithmCatalog.Candidates(new(cell.Collective, communicator.Size) { Nodes = nodes }))
        {
            // Where memory is shared nothing is cut, so there is nothing to try.
            var isByMessages = communicator.Explain(call, new() { Algorithm = algorithm.Name }).SegmentBytes > 0;
            candidates.Add(new(algorithm.Name, 0));
            var segments = Segments.Where(segment => isByMessages && segment < cell.Bytes && segment != AlgorithmChooser.DefaultSegmentBytes);
            candidates.AddRange(segments.Select(segment => new TuneCandidate(algorithm.Name, segment)));
        }

        return [.. candidates.Distinct()];
    }

    /// <summary>The call whose data buffer comes nearest to a size.</summary>
    public static TuneCell Cell(CollectiveKind collective, long bytes, int ranks)
    {
        if (collective == CollectiveKind.Barrier)
            return new(collective, 1, 1);
        var blocks = BlocksOf(collective, ranks) * ElementType.F32.SizeInBytes();
        var count = Math.Max(1, bytes / blocks);
        return new(collective, count, count * blocks);
    }

    /// <summary>How many times the count of a call its data buffer is.</summary>
    public static long BlocksOf(CollectiveKind collective, int ranks) => collective switch
    {
        CollectiveKind.AllReduce or CollectiveKind.Reduce or CollectiveKind.Broadcast or CollectiveKind.Barrier => 1,
        _ => ranks,
    };

    private static IEnumerable<CollectiveKind> ReadCollectives(string names) => names.Trim() == "all"
        ? Enum.GetValues<CollectiveKind>()
        : names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(CollectiveOf).Distinct();
}
