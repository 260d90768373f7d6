using System.Globalization;
using CommandLine;
using HpcTrain.Benchmarking;
using HpcTrain.Cli.Topo;
using HpcTrain.Collectives;
using HpcTrain.Collectives.Simulation;
using HpcTrain.CommandLine;
using HpcTrain.Topology;

namespace HpcTrain.Cli.Simulate;

/// <summary>The options of <c>hpctrain simulate</c>.</summary>
internal sealed class SimulateOptions : CommandOptions
{
    private const int MostRanks = 1 << 16;
    private const string Model = "model";

    [Option("topology", Required = true, MetaValue = "TOPOLOGY", HelpText = TopologySource.Help)]
    public string Topology { get; set; } = "";

    [Option("allocation", MetaValue = "RANKS", HelpText = TopologySource.AllocationHelp)]
    public string? Allocation { get; set; }

    [Option("ranks", MetaValue = "LIST", HelpText = "The numbers of ranks, 64 or 64,256,1024: the first ones of the topology (default: all).")]
    public string? Ranks { get; set; }

    [Option("collective", Default = "allreduce", MetaValue = "NAME", HelpText = "allreduce, reduce-scatter, allgather, reduce, broadcast, gather, scatter, all-to-all or barrier.")]
    public string Collective { get; set; } = "";

    [Option('a', "algorithm", MetaValue = "NAMES", HelpText = "Algorithms of 'hpctrain schedules list', separated by commas.")]
    public string? Algorithms { get; set; }

    [Option("schedule", MetaValue = "FILE", HelpText = "A schedule in a file, or a plan of 'hpctrain topo plan', which has to be one for this topology; beside the algorithms, if these are named.")]
    public string? Schedule { get; set; }

    [Option("root", Default = 0, MetaValue = "RANK", HelpText = "The root of a reduce, broadcast, gather or scatter.")]
    public int Root { get; set; }

    [Option("nodes", MetaValue = "MAP", HelpText = "Which ranks share a node, for hierarchies: 2x4, 4,4,2 or /0,0,1,1 (default: as the topology's boxes are).")]
    public string? Nodes { get; set; }

    [Option('b', "min-bytes", Default = "64M", MetaValue = "SIZE", HelpText = "The buffer of a rank, all its blocks together; the first of several.")]
    public string MinBytes { get; set; } = "";

    [Option('e', "max-bytes", MetaValue = "SIZE", HelpText = "The last size (default: the first alone).")]
    public string? MaxBytes { get; set; }

    [Option('f', "factor", Default = 2, MetaValue = "NUMBER", HelpText = "From each size to the next.")]
    public int Factor { get; set; }

    [Option("segment", Default = "1M", MetaValue = "SIZE|model", HelpText =
        "The longest message; model: of a plan, that which is best for its trees by what a message costs (--overhead-us, and the latency of links).")]
    public string Segment { get; set; } = "";

    [Option("in-flight", Default = 4, MetaValue = "NUMBER", HelpText = "The messages that each channel keeps under way.")]
    public int InFlight { get; set; }

    [Option("acknowledge", MetaValue = "SIZE", HelpText =
        "Each message is acknowledged by so many bytes, which wait on busy links back to the sender; it counts as under way until they have come (default: until its last byte has arrived).")]
    public string? Acknowledge { get; set; }

    [Option("latency-us", MetaValue = "US", HelpText = "The latency of every link in microseconds (default: as the topology says; built-in ones say 0).")]
    public double? LatencyMicroseconds { get; set; }

    [Option("overhead-us", Default = 0.0, MetaValue = "US", HelpText = "What a message costs its sender's processor.")]
    public double OverheadMicroseconds { get; set; }

    [Option("reduce-gbs", MetaValue = "GB/S", HelpText = "How fast a rank reduces, in GB of what it receives per second (default: in no time).")]
    public double? ReduceRate { get; set; }

    [Option("csv", MetaValue = "FILE", HelpText = "Write the table as CSV.")]
    public string? Csv { get; set; }

    [Option("json", MetaValue = "FILE", HelpText = "Write the rows, with bytes and busy share of every link that carries something, as JSON; each direction is a link, a>b.")]
    public string? Json { get; set; }

    [Option("chart", MetaValue = "FILE", HelpText = "Draw the rate against size, or against ranks where these are several, as SVG.")]
    public string? Chart { get; set; }

    [Option("svg", MetaValue = "FILE", HelpText = "Draw which chunk is on which link when, as SVG; of one run.")]
    public string? Svg { get; set; }

    [Option("trace", MetaValue = "FILE", HelpText = "Write a timeline of links and ranks that Perfetto opens; of one run.")]
    public string? Trace { get; set; }

    /// <summary>Whether the longest message is the model's.</summary>
    public bool AsksModel => Segment == Model;

    /// <summary>The collective that is asked for.</summary>
    public CollectiveKind Kind => CollectiveKinds.TryParse(Collective, out var kind) ? kind : throw new UsageException(
        $"there is no collective '{Collective}'{(NearestName.Find(Collective, CollectiveKinds.Names) is { } near ? $"; did you mean '{near}'?" : "")}; the collectives are {string.Join(", ", CollectiveKinds.Names)}");

    /// <summary>The numbers of ranks, each no more than the topology has.</summary>
    public IReadOnlyList<int> RankCounts(LinkGraph graph)
    {
        if (Ranks is null)
            return [graph.Ranks];
        var counts = new List<int>();
        foreach (var word in Ranks.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > MostRanks)
                throw new UsageException($"--ranks takes numbers from 1 to {MostRanks}, not '{word}'");
            if (count > graph.Ranks)
                throw new UsageException($"--ranks {count} is more than topology '{graph.Name}' has, which is {graph.Ranks}; take a larger one");
            counts.Add(count);
        }
        return counts;
    }

    /// <summary>The sizes in bytes.</summary>
    public IReadOnlyList<long> Sizes()
    {
        long least = Size("--min-bytes", MinBytes), most = MaxBytes is null ? least : Size("--max-bytes", MaxBytes);
        if (most < least)
            throw new UsageException($"--max-bytes {MaxBytes} is less than --min-bytes {MinBytes}");
        if (Factor < 2)
            throw new UsageException($"--factor must be at least 2, not {Factor}");
        var sizes = new List<long>();
        for (var size = least; size <= most; size *= Factor)
            sizes.Add(size);
        return sizes;
    }

    /// <summary>What a simulation takes besides its links.</summary>
    public SimulationOptions Machine(long bytes, LinkPlan? plan) => new(bytes)
    {
        SegmentBytes = Segment == Model ? BestSegment(bytes, plan) : Size("--segment", Segment),
        SegmentsInFlight = InFlight >= 1 ? InFlight : throw new UsageException($"--in-flight must be at least 1, not {InFlight}"),
        AcknowledgementBytes = Acknowledge is null ? null : Size("--acknowledge", Acknowledge, "64"),
        LatencySeconds = LatencyMicroseconds is { } latency ? Micro("--latency-us", latency) : null,
        OverheadSeconds = Micro("--overhead-us", OverheadMicroseconds),
        ReduceSecondsPerByte = ReduceRate is not { } rate ? 0
            : rate > 0 && double.IsFinite(rate) ? 1 / (rate * 1e9) : throw new UsageException($"--reduce-gbs must be above 0, not {rate}"),
    };

    private long BestSegment(long bytes, LinkPlan? plan)
    {
        if (plan is null)
            throw new UsageException("--segment model is for a plan, since it goes by its trees; name one in --schedule, and no algorithms");
        if (LatencyMicroseconds is { } latency)
            plan = plan with { Graph = new(plan.Graph.Name, plan.Graph.Nodes, plan.Graph.Links.Select(link => link with { LatencySeconds = Micro("--latency-us", latency) })) };
        var alpha = Micro("--overhead-us", OverheadMicroseconds);
        return alpha > 0 || plan.Graph.Links.Any(link => link.LatencySeconds > 0) ? Math.Max(sizeof(float), SegmentModel.Best(plan, bytes, alpha))
            : throw new UsageException("--segment model has messages cost nothing beside their bytes, so that the shortest are best; give --overhead-us or --latency-us");
    }

    private static double Micro(string option, double value) =>
        value >= 0 && double.IsFinite(value) ? value / 1e6 : throw new UsageException($"{option} must be 0 or more, not {value}");

    private static long Size(string option, string text, string example = "64K or 16M") => ByteSize.TryParse(text, out var bytes) && bytes > 0
        ? bytes : throw new UsageException($"{option} must be a size above 0 such as {example}, not '{text}'");
}
