using System.Globalization;
using HpcTrain.Collectives.Algorithms;
using HpcTrain.Collectives.Levels;
using HpcTrain.Collectives.Node;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives;

/// <summary>
/// Chooses the algorithms of a group of ranks. A pure function of what all ranks know, so that all choose alike; it needs no ranks to be there.
/// </summary>
public sealed class AlgorithmChooser
{
    // Idea. Who knows best decides: first the caller who names an algorithm; then a rule of the site, which has been measured; then, among the ranks of
    // one node, the engine that moves data through memory, which beats messages there; at last the closed forms. A rule that cannot be followed is an
    // error, for a site that wrote it wants it followed. A segment length of the caller wins over that of the rule.

    /// <summary>
    /// The longest message where nobody says otherwise. Over shared memory a message costs about 3 microseconds beyond its copy, and a switch of threads
    /// when ranks outnumber cores. Shorter segments overlap more but measured slower from 256 KiB to 24 MiB at 2 and 4 ranks; longer ones gain little
    /// and leave the caches.
    /// </summary>
    public const long DefaultSegmentBytes = 1024 * 1024;

    /// <summary>
    /// The same where ranks are on several nodes. There a message beyond the library's eager limit (64 KiB over TCP) waits for an answer, which queues up
    /// behind the answerer's own data; shorter ones just go. Over links of 400 Mbit/s halving-doubling of 16 MiB took 1.06 times the least possible with
    /// these, and 1.54 times with messages of 256 KiB (bench/network).
    /// </summary>
    public const long SpreadSegmentBytes = 60 * 1024;

    private const int MostAlternatives = 4;

    private readonly int _ranks;
    private readonly NodeMap? _nodes;
    private readonly bool _isOneNode;
    private readonly AlgorithmChooser? _rail;
    private readonly TuningRules? _rules;
    private readonly CostModel _model;
    private readonly string _messages;

    /// <summary>Takes what choices depend on.</summary>
    /// <param name="ranks">The number of ranks.</param>
    /// <param name="nodes">Which of them share a node; null: all do, or nobody knows.</param>
    /// <param name="sharesMemory">Whether ranks of a node exchange data through its memory.</param>
    /// <param name="rules">The rules; null for none.</param>
    /// <param name="model">The costs to compare by where no rule matches.</param>
    /// <param name="messages">What messages travel by, for <see cref="AlgorithmChoice.Path"/>.</param>
    public AlgorithmChooser(int ranks, NodeMap? nodes, bool sharesMemory, TuningRules? rules, CostModel model, string messages = "mpi")
    {
        _ranks = ranks;
        _nodes = nodes;
        _isOneNode = sharesMemory && ranks > 1 && nodes is not { Nodes: > 1 };
        if (sharesMemory && nodes is { Nodes: > 1, RanksPerNode: > 1 })
            _rail = new(nodes.Nodes, NodeMap.Blocks(nodes.Nodes, 1), sharesMemory: false, rules: null, model, messages);
        _rules = rules;
        _model = model;
        _messages = messages;
    }

    /// <summary>The longest message of calls that neither say it nor are told it by a rule.</summary>
    public long SegmentBytes => _nodes is { Nodes: > 1 } ? SpreadSegmentBytes : DefaultSegmentBytes;

    /// <summary>Says how a call would be done, and why. Its memory need not be there.</summary>
    /// <exception cref="ScheduleException">There is no such algorithm, or the one that is asked for or that a rule names cannot be used.</exception>
    public AlgorithmChoice Explain(in CollectiveCall call, CollectiveOptions? options = null)
    {
        options ??= CollectiveOptions.Default;
        if (options.Schedule is { } schedule)
            return new(schedule.Algorithm, _messages, SegmentOf(options, null), "the schedule that the call brings");
        AlgorithmDecision decision = Decide(in call, options);
        string path = decision.Protocol switch
        {
            NodeProtocol.Slots => "slots",
            NodeProtocol.Buffers => "buffers",
            _ when decision.RailAlgorithm != null => $"{(LevelPlan.InnerName(in call) == "one-shot" ? "slots" : "buffers")}+{_messages}",
            _ => _messages,
        };
        string reason = AlgorithmCatalog.Find(call.Collective, options.Algorithm) != null ? "asked for"
            : decision.Rule != null ? _rules!.NameOf(decision.Rule)
            : decision.Protocol is { } protocol ? NodeReason(in call, protocol)
            : decision.RailAlgorithm != null ? $"shared memory inside nodes; between them {_rail!.CostReason(LevelPlan.RailCall(in call, _nodes!), CollectiveOptions.Default)}"
            : CostReason(in call, options);
        return new(decision.Algorithm, path, decision.Protocol == null ? decision.SegmentBytes : 0, reason);
    }

    /// <summary>The type in which partial results travel.</summary>
    internal static ElementType PartialType(in CollectiveCall call, CollectiveOptions options, int ranks)
    {
        bool widens = IsOfHalves(in call) && call.Op is not (ReduceOp.Min or ReduceOp.Max) && options.Partials == PartialPrecision.Single && ranks > 1;
        return widens ? ElementType.F32 : call.Type;
    }

    /// <summary>Decides about a call that brings no schedule of its own.</summary>
    /// <exception cref="ScheduleException">There is no such algorithm, or the one that a rule names cannot be used.</exception>
    internal AlgorithmDecision Decide(in CollectiveCall call, CollectiveOptions options)
    {
        string? asked = AlgorithmCatalog.Find(call.Collective, options.Algorithm)?.Name;
        TuningRule? rule = asked == null ? _rules?.Find(call.Collective, _ranks, _nodes, BufferBytesOf(in call, options), call.Root) : null;
        string? wanted = asked ?? rule?.Algorithm;
        long segmentBytes = SegmentOf(options, rule);
        if (rule is { Schedule: not null })
            return new(rule.Algorithm, null, segmentBytes, rule);
        bool isKeptNarrow = options.Partials == PartialPrecision.Element && IsOfHalves(in call);
        if (_isOneNode && !isKeptNarrow && NodeChoice.Of(in call, wanted, _ranks) is { } onNode)
            return new(onNode.Algorithm, onNode.Protocol, segmentBytes, rule);
        if (OnLevels(in call, wanted, segmentBytes, rule) is { } onLevels)
            return onLevels;
        if (wanted == null)
            return new(AlgorithmCatalog.Choose(SpecOf(in call), BytesOf(in call, options), _model).Name, null, segmentBytes, null);
        if (AlgorithmCatalog.Find(call.Collective, wanted)!.Unusable(SpecOf(in call)) is { } why)
            throw new ScheduleException(Refusal(in call, wanted, rule, why));
        return new(wanted, null, segmentBytes, rule);
    }

    /// <summary>How a call goes level by level, if it can, and if nothing else is wanted.</summary>
    private AlgorithmDecision? OnLevels(in CollectiveCall call, string? wanted, long segmentBytes, TuningRule? rule)
    {
        if (_rail == null || !LevelPlan.Suits(in call, _nodes!))
            return null;
        CollectiveCall between = LevelPlan.RailCall(in call, _nodes!);
        string inner = $"{HierarchyLevel.Prefix}{LevelPlan.InnerName(in call)}+", outer = AlgorithmCatalog.Auto;
        if (wanted != null)
        {
            if (!wanted.StartsWith(inner, StringComparison.Ordinal))
                return null;
            outer = wanted[inner.Length..];
            if (AlgorithmCatalog.Known(call.Collective, outer) is not { IsForNodes: false } algorithm || algorithm.Unusable(_rail.SpecOf(in between)) != null)
                return null;
        }

        string name = _rail.Decide(in between, new() { Algorithm = outer }).Algorithm;
        return new(inner + name, null, segmentBytes, rule, name);
    }

    private static bool IsOfHalves(in CollectiveCall call) => call.Type is ElementType.F16 or ElementType.BF16 && call.Collective.Reduces();

    private long SegmentOf(CollectiveOptions options, TuningRule? rule) =>
        options.SegmentBytes > 0 ? options.SegmentBytes : rule is { SegmentBytes: > 0 } ? rule.SegmentBytes : SegmentBytes;

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private string NodeReason(in CollectiveCall call, NodeProtocol protocol)
    {
        if (call.Collective == CollectiveKind.Barrier)
            return "shared memory of one node";
        string compared = protocol == NodeProtocol.Slots ? "<=" : ">";
        return string.Create(CultureInfo.InvariantCulture,
            $"shared memory of one node: contribution of {CallTraits.PayloadOf(in call, _ranks)} bytes {compared} {NodeChoice.MostSlotBytes}");
    }

    /// <summary>The chosen algorithm's cost, then those of the next best.</summary>
    private string CostReason(in CollectiveCall call, CollectiveOptions options)
    {
        ScheduleSpec spec = SpecOf(in call);
        long bytes = BytesOf(in call, options);
        IEnumerable<string> list = AlgorithmCatalog.Candidates(spec).Select(algorithm => (algorithm.Name, Seconds: algorithm.Seconds(spec, bytes, _model)))
            .OrderBy(cost => cost.Seconds).Take(MostAlternatives)
            .Select(cost => string.Create(CultureInfo.InvariantCulture, $"{cost.Name} {cost.Seconds * 1e6:0.0} us"));
        return $"cost model of {_model}{(_model == CostModel.Default ? " (not measured)" : "")}: {string.Join(", ", list)}";
    }

    private string Refusal(in CollectiveCall call, string name, TuningRule? rule, string why)
    {
        string usable = string.Join(", ", AlgorithmCatalog.Candidates(SpecOf(in call)).Select(algorithm => algorithm.Name));
        string sentence = $"Algorithm '{name}' cannot be used for {call.Collective.Name()} on {_ranks} ranks: {why.TrimEnd('.')}; those that can are {usable}.";
        return rule == null ? sentence : $"{Capital(_rules!.NameOf(rule))} does not fit the call. {sentence} Change the rule's algorithm or its ranges.";
    }

    private long BytesOf(in CollectiveCall call, CollectiveOptions options) =>
        checked(call.Ranges(0, _ranks).Total * PartialType(in call, options, _ranks).SizeInBytes());

    /// <summary>What rules go by: the longest buffer of a rank.</summary>
    private long BufferBytesOf(in CollectiveCall call, CollectiveOptions options) =>
        BytesOf(in call, options) / (call.Collective == CollectiveKind.AllToAll ? _ranks : 1);

    private ScheduleSpec SpecOf(in CollectiveCall call) =>
        new(call.Collective, _ranks) { Root = call.Collective.HasRoot() ? call.Root : 0, Nodes = _nodes };
}
