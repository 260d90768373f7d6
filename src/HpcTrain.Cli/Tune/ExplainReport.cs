using HpcTrain.Benchmarking;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Kernels;

namespace HpcTrain.Cli.Tune;

/// <summary>`hpctrain tune --explain`: which algorithm a call gets, and why, without the ranks that would make it.</summary>
internal static class ExplainReport
{
    /// <exception cref="UsageException">An option is missing or wrong.</exception>
    /// <exception cref="ScheduleException">The rules are wrong, or the algorithm cannot be used.</exception>
    public static string Render(TuneOptions options)
    {
        var collective = TunePlan.CollectiveOf(options.Explain!);
        if (options.Ranks is not { } ranks || ranks < 1)
            throw new UsageException("--explain needs --ranks, at least 1");
        var isBarrier = collective == CollectiveKind.Barrier;
        if (options.Bytes == null && !isBarrier)
            throw new UsageException("--explain needs --bytes, such as 64K");
        var bytes = isBarrier ? 1 : TunePlan.SizeOf("--bytes", options.Bytes!);
        var blocks = TunePlan.BlocksOf(collective, ranks);
        if (bytes % blocks != 0)
            throw new UsageException($"--bytes is {options.Bytes}; {collective.Name()} on {ranks} ranks moves equal blocks, so it must be a multiple of {blocks}");
        var nodes = options.Nodes == null ? NodeMap.Single(ranks) : Asked(() => NodeMap.Parse(options.Nodes, ranks));
        var rules = options.Rules == null ? new CommunicatorOptions().Rules : TuningRules.Load(options.Rules);
        var chooser = new AlgorithmChooser(ranks, nodes, sharesMemory: true, rules, CostModel.Default);
        var call = new CollectiveCall { Collective = collective, Count = bytes / blocks, Type = ElementType.U8, Op = isBarrier ? ReduceOp.Max : ReduceOp.Sum };
        if (!string.IsNullOrEmpty(options.Algorithm))
            Asked(() => AlgorithmCatalog.Find(collective, options.Algorithm));
        var choice = chooser.Explain(call, new() { Algorithm = options.Algorithm });
        var messages = $"by messages of at most {ByteSize.Format(choice.SegmentBytes)}";
        var how = choice.SegmentBytes == 0 ? $"through the memory of the node ({choice.Path})"
            : choice.Path.Contains('+') ? $"through the memory of each node and {messages} between nodes ({choice.Path})"
            : messages;
        var what = isBarrier ? "" : $" of {ByteSize.Format(bytes)}";
        return $"{collective.Name()}{what} on {ranks} ranks, nodes {nodes}: {choice.Algorithm}, {how}\nbecause: {choice.Reason}\n";
    }

    /// <summary>What an option asks for; what is wrong with it is the user's mistake, not that of a file of rules.</summary>
    private static T Asked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ScheduleException error)
        {
            throw new UsageException(error.Message.TrimEnd('.'));
        }
    }
}
