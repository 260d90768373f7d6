using System.Globalization;
using HpcTrain.Benchmarking;
using HpcTrain.Cli.Info.Probes;
using HpcTrain.Cli.Topo;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Kernels;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Bench;

/// <summary>Turns words of the command line into a request, or into a sentence that says what they should be.</summary>
internal static class BenchRequestReader
{
    private const string All = "all", None = "none", Auto = "auto";

    // As nccl-tests calls them, and the others alike.
    private static readonly Dictionary<string, ElementType> TypeAliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["float"] = ElementType.F32,
        ["double"] = ElementType.F64,
        ["half"] = ElementType.F16,
        ["bfloat16"] = ElementType.BF16,
        ["int8"] = ElementType.I8,
        ["uint8"] = ElementType.U8,
        ["int16"] = ElementType.I16,
        ["uint16"] = ElementType.U16,
        ["int32"] = ElementType.I32,
        ["uint32"] = ElementType.U32,
        ["int64"] = ElementType.I64,
        ["uint64"] = ElementType.U64,
    };

    private static LinkGraph? TopologyOf(BenchOptions options)
    {
        if (options.Topology is null)
            return options.Allocation is null ? null : throw new UsageException("--allocation is of a --topology; name that, too");
        return options.Schedule is null
            ? throw new UsageException("--topology is what a plan of --schedule is compared with; name that, too") : TopologySource.Load(options.Topology, options.Allocation);
    }

    /// <summary>The request that the options make.</summary>
    /// <param name="options">The options.</param>
    /// <param name="words">The command line, for the record.</param>
    /// <exception cref="UsageException">An option has a value that is none of its values.</exception>
    public static BenchmarkRequest Read(BenchOptions options, IEnumerable<string> words)
    {
        var step = options.StepBytes is { } text ? Size("--step-bytes", text) : (long?)null;
        if (step is not null && options.Factor is not null)
            throw new UsageException("--factor and --step-bytes exclude each other; give one of them");
        var onlySchedule = options.Algorithms.Equals(None, StringComparison.OrdinalIgnoreCase);
        if (onlySchedule && options.Schedule is null)
            throw new UsageException("--algorithm none leaves nothing to measure; name a --schedule, too");
        var findsSegments = options.Segment.Equals(Auto, StringComparison.OrdinalIgnoreCase);
        return new()
        {
            Collectives = List<CollectiveKind>("collective", options.Collective, CollectiveKinds.Names,
                name => CollectiveKinds.TryParse(name, out var kind) ? kind : null),
            Sizes = new(Size("--min-bytes", options.MinBytes), Size("--max-bytes", options.MaxBytes), options.Factor ?? 2, step),
            Types = List<ElementType>("type", options.Types, ElementTypes.All.Select(type => type.Name()),
                name => ElementTypes.TryParse(name, out var type) || TypeAliases.TryGetValue(name, out type) ? type : null, TypeAliases.Keys),
            Ops = List<ReduceOp>("operation", options.Ops, ReduceOps.All.Select(op => op.Name()),
                name => ReduceOps.TryParse(name, out var op) ? op : null),
            LeavesOutUndefined = IsAll(options.Ops) || IsAll(options.Types),
            Root = IsAll(options.Root) ? null : (int)Number("--root", options.Root, 0, int.MaxValue, "a rank, or all"),
            OutOfPlace = OneOf("--in-place", options.InPlace, "0", "1", "both") != "1",
            InPlace = options.InPlace != "0",
            Algorithms = onlySchedule ? [] : options.Algorithms.Split(',', StringSplitOptions.TrimEntries),
            ScheduleFile = FileName("--schedule", options.Schedule),
            Topology = TopologyOf(options),
            SegmentBytes = findsSegments ? 0 : Size("--segment", options.Segment),
            FindsSegments = findsSegments,
            SegmentsInFlight = options.InFlight is { } inFlight ? (int)Number("--in-flight", inFlight.ToString(CultureInfo.InvariantCulture), 1, 1024, "a number of messages from 1 to 1024") : 0,
            Buffers = OneOf("--buffers", options.Buffers, "communicator", "ordinary") == "ordinary" ? BufferKind.Ordinary : BufferKind.Communicator,
            ComparesWithVendor = OneOf("--compare", options.Compare, "vendor", "none") == "vendor",
            Iterations = options.Iterations.Equals(Auto, StringComparison.OrdinalIgnoreCase)
                ? null : (int)Number("--iters", options.Iterations, 1, 1_000_000, "a number of batches from 1 to 1000000, or auto"),
            RowTime = Seconds("--row-time", options.RowTime),
            Warmup = (int)Number("--warmup", options.Warmup.ToString(CultureInfo.InvariantCulture), 0, 1_000_000, "a number of calls from 0 to 1000000"),
            Checks = OneOf("--check", options.Check.ToString(CultureInfo.InvariantCulture), "0", "1") == "1",
            InjectsError = options.InjectError,
            Overlap = options.Overlap,
            Explains = options.Explain,
            StallTimeout = options.StallTimeout is { } stall ? Seconds("--stall-timeout", stall) : null,
            MaxTime = options.MaxTime is { } most ? Seconds("--max-time", most) : null,
            Seed = options.Seed,
            JsonFile = FileName("--json", options.Json),
            CsvFile = FileName("--csv", options.Csv),
            ChartFile = FileName("--chart", options.Chart),
            TimelineFile = FileName("--timeline", options.Timeline),
            Program = $"hpctrain {ProductVersion.Text}",
            CommandLine = $"hpctrain bench {string.Join(' ', words.Select(Quoted))}",
            Processor = CpuProbe.Run().Model,
        };
    }

    /// <summary>The values that names separated by commas stand for, each once.</summary>
    private static IReadOnlyList<T> List<T>(string what, string text, IEnumerable<string> names, Func<string, T?> parse, IEnumerable<string>? aliases = null)
        where T : struct
    {
        var known = names.ToArray();
        var words = IsAll(text) ? known : text.Split(',', StringSplitOptions.TrimEntries);
        return [.. words.Select(word => parse(word) ?? throw Unknown(what, word, known, aliases ?? [])).Distinct()];
    }

    private static UsageException Unknown(string what, string word, string[] known, IEnumerable<string> aliases)
    {
        var meant = NearestName.Find(word, known.Concat(aliases));
        return new($"there is no {what} '{word}'" + (meant is null ? "" : $" (did you mean {meant}?)") + $"; there are {string.Join(", ", known)}, all");
    }

    private static long Size(string option, string text) => ByteSize.TryParse(text, out var bytes)
        ? bytes
        : throw new UsageException($"{option} is '{text}'; it must be a size in bytes, such as 8, 64K, 256M or 1G");

    private static long Number(string option, string text, long least, long most, string kind) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException($"{option} is '{text}'; it must be {kind}");

    private static TimeSpan Seconds(string option, double seconds) => seconds is > 0 and <= 1e9
        ? TimeSpan.FromSeconds(seconds)
        : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{option} is {seconds}; it must be a number of seconds above 0"));

    private static string OneOf(string option, string text, params string[] values) => values.Contains(text)
        ? text
        : throw new UsageException($"{option} is '{text}'; it must be {string.Join(", ", values[..^1])} or {values[^1]}");

    private static string? FileName(string option, string? text) =>
        text is { Length: 0 } ? throw new UsageException($"{option} needs the name of a file") : text;

    private static bool IsAll(string text) => text.Equals(All, StringComparison.OrdinalIgnoreCase);

    private static string Quoted(string word) => word.Length > 0 && !word.Any(char.IsWhiteSpace) ? word : $"'{word}'";
}
