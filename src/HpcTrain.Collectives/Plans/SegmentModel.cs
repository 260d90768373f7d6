using System.Collections.Immutable;
using HpcTrain.Collectives.Plans;
using HpcTrain.Topology;

namespace HpcTrain.Collectives;

/// <summary>The length of segments that a pipeline wants, from what messages cost.</summary>
/// <remarks>
/// A chunk of n bytes that goes over d edges one after the other, in segments of s bytes, takes (d - 1 + n/s)(alpha + s beta) seconds: the last segment starts when n/s - 1
/// others have left, and has d edges to go. The least of it is at s = sqrt(n alpha / ((d - 1) beta)). Trees of a plan have equally many segments, in proportion to their
/// weights; each takes as long by itself, since its bandwidth is its own, and the slowest decides, unless a rank cannot send so many messages: m of each segment, over all
/// trees, keep it for m n/s alpha.
/// </remarks>
public static class SegmentModel
{
    private const double Golden = 0.6180339887498949;
    private const double Accuracy = 1e-3;

    /// <summary>The time of a pipeline.</summary>
    /// <param name="depth">The edges that a segment passes; at least 1.</param>
    /// <param name="bytes">The length of the chunk in bytes.</param>
    /// <param name="segmentBytes">The length of a segment in bytes; positive.</param>
    /// <param name="alpha">Seconds a message costs beside its bytes.</param>
    /// <param name="beta">Seconds per byte.</param>
    public static double Seconds(int depth, double bytes, double segmentBytes, double alpha, double beta)
    {
        double segment = Math.Min(segmentBytes, bytes);
        return (depth - 1 + (bytes / segment)) * (alpha + (segment * beta));
    }

    /// <summary>The best length for one pipeline, in bytes: from 1 to the whole chunk.</summary>
    /// <param name="depth">The edges that a segment passes.</param>
    /// <param name="bytes">The length of the chunk in bytes.</param>
    /// <param name="alpha">Seconds a message costs beside its bytes.</param>
    /// <param name="beta">Seconds per byte.</param>
    public static long Best(int depth, long bytes, double alpha, double beta) =>
        depth <= 1 ? Math.Max(1, bytes) : (long)Math.Clamp(Math.Sqrt(bytes * alpha / ((depth - 1) * beta)), 1, Math.Max(1, bytes));

    /// <summary>The best length for all trees of a plan together, in bytes.</summary>
    /// <param name="plan">The plan: its trees give depths, shares and bandwidths.</param>
    /// <param name="bytes">The length of the whole buffer in bytes; positive.</param>
    /// <param name="alpha">Seconds of its sender that a message costs beside its bytes and the latency of its links; positive, or 0 where links have a latency.</param>
    /// <returns>The longest message: that of the heaviest tree; those of lighter ones are shorter.</returns>
    /// <exception cref="ScheduleException">What is in the plan are no trees.</exception>
    public static long Best(LinkPlan plan, long bytes, double alpha)
    {
        Machine machine = Of(plan, bytes, alpha);
        double low = 0, high = Math.Log(Math.Max(1, machine.Longest));

        // Each tree's time has one valley over the length, and so has, on a logarithmic scale, the largest of them: golden sections close in on it.
        while (high - low > Accuracy)
        {
            double left = high - (Golden * (high - low)), right = low + (Golden * (high - low));
            if (machine.Seconds(Math.Exp(left)) <= machine.Seconds(Math.Exp(right)))
                high = right;
            else
                low = left;
        }

        return Math.Max(1, (long)Math.Round(Math.Exp((low + high) / 2)));
    }

    /// <summary>The time of a plan by the model, in seconds.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="bytes">The length of the whole buffer in bytes; positive.</param>
    /// <param name="segmentBytes">The longest message in bytes; positive.</param>
    /// <param name="alpha">Seconds of its sender that a message costs beside its bytes and the latency of its links.</param>
    /// <exception cref="ScheduleException">What is in the plan are no trees.</exception>
    public static double Seconds(LinkPlan plan, long bytes, long segmentBytes, double alpha) => Of(plan, bytes, alpha).Seconds(segmentBytes);

    private static Machine Of(LinkPlan plan, long bytes, double alpha)
    {
        PlanTreeCheck.Run(plan);
        double rate = (double)plan.Rate;
        var latencies = plan.Graph.Links.ToDictionary(link => (link.From, link.To), link => link.LatencySeconds);
        var sends = new int[plan.Graph.Ranks];
        foreach (TreeEdge edge in plan.Trees.SelectMany(tree => tree.In.Concat(tree.Out)))
            sends[edge.From]++;
        return new([.. plan.Trees.Select(Pipeline)], sends.Max() * alpha);

        Pipe Pipeline(PlanTree tree)
        {
            (int up, double upLatency) = Deepest(tree.In.Select(edge => (edge.To, edge.From, edge.Path)));
            (int down, double downLatency) = Deepest(tree.Out.Select(edge => (edge.From, edge.To, edge.Path)));
            int depth = Math.Max(1, up + down);
            return new(depth, bytes * (double)tree.Weight / rate, alpha + ((upLatency + downLatency) / depth), 1e-9 / (double)tree.Weight);
        }

        (int Depth, double Latency) Deepest(IEnumerable<(int Near, int Far, ImmutableArray<int> Path)> edges)
        {
            var places = new Dictionary<int, (int Depth, double Latency)>();
            foreach ((int near, int far, ImmutableArray<int> path) in edges)
            {
                (int depth, double latency) = places.GetValueOrDefault(near);
                places[far] = (depth + 1, latency + path.Zip(path.Skip(1), (from, to) => latencies.GetValueOrDefault((from, to))).Sum());
            }

            return places.Values.DefaultIfEmpty().Max();
        }
    }

    /// <summary>A tree as one pipeline: edges in a row, its share of the buffer, and what a message costs.</summary>
    private readonly record struct Pipe(int Depth, double Bytes, double Alpha, double Beta);

    /// <summary>All trees, and what all messages of a segment cost the rank that sends the most.</summary>
    private sealed record Machine(Pipe[] Pipes, double SecondsPerSegment)
    {
        public double Longest { get; } = Pipes.Max(pipe => pipe.Bytes);

        public double Seconds(double segmentBytes)
        {
            double segments = Math.Max(1, Longest / segmentBytes);
            return Math.Max(segments * SecondsPerSegment, Pipes.Max(pipe => SegmentModel.Seconds(pipe.Depth, pipe.Bytes, pipe.Bytes / segments, pipe.Alpha, pipe.Beta)));
        }
    }
}
