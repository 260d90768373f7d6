using System.Globalization;
using HpcTrain.Benchmarking.Workloads;
using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Reports;

/// <summary>Why <c>auto</c> chose what ran.</summary>
internal static class AutoChoice
{
    private const string Messages = "mpi";

    /// <summary>A sentence about a call that was left to <c>auto</c>.</summary>
    /// <param name="work">The call.</param>
    /// <param name="nodes">Which ranks share a node.</param>
    /// <param name="result">What ran.</param>
    public static string Explain(Workload work, NodeMap nodes, CollectiveResult result)
    {
        string what = $"auto, {work.Collective.Name()} of {ByteSize.Format(work.Bytes)}: {result.Algorithm}";
        if (result.Path != Messages)
            return $"{what}, because all ranks are on one node, where they exchange data through memory that they share ({result.Path})";
        var spec = new ScheduleSpec(work.Collective, work.Ranks) { Root = work.Root, Nodes = nodes };
        long bytes = work.Bytes / work.Type.SizeInBytes() * result.PartialType.SizeInBytes() * (work.Collective == CollectiveKind.AllToAll ? work.Ranks : 1);
        (string Name, double Seconds)[] costs =
        [
            .. AlgorithmCatalog.Of(work.Collective).Where(algorithm => algorithm.Unusable(spec) == null)
                .Select(algorithm => (algorithm.Name, Seconds: algorithm.Seconds(spec, bytes, CostModel.Default))).OrderBy(cost => cost.Seconds),
        ];
        string list = string.Join(", ", costs.Select(cost => string.Create(CultureInfo.InvariantCulture, $"{cost.Name} {cost.Seconds * 1e6:0.0} us")));
        string reason = costs.Length > 0 && costs[0].Name == result.Algorithm ? "the cheapest by the closed forms" : "not by the closed forms, which say";
        return $"{what}, {reason}: {list}";
    }
}
