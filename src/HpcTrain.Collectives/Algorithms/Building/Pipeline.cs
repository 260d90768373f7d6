namespace HpcTrain.Collectives.Algorithms;

/// <summary>Closed forms of what streams in segments.</summary>
internal static class Pipeline
{
    /// <summary>The length of segments unless executors are told otherwise.</summary>
    private const double SegmentBytes = 1024 * 1024;

    /// <summary>A chain: the first segment takes p-1 hops, and each further one arrives one message later.</summary>
    public static double Chain(int ranks, long bytes, CostModel model, double gamma)
    {
        double segments = Segments(bytes);
        return ranks == 1 ? 0 : (ranks - 2 + segments) * (model.Alpha + (bytes / segments * (model.Beta + gamma)));
    }

    /// <summary>Two binary trees of so many levels of edges with half of the buffer each: every level costs two messages for each segment of a half.</summary>
    public static double DoubleTree(int levels, long bytes, CostModel model, double gamma)
    {
        double half = bytes / 2.0, segments = Segments(half);
        return levels == 0 ? 0 : 2 * (levels - 1 + segments) * (model.Alpha + (half / segments * (model.Beta + gamma)));
    }

    private static double Segments(double bytes) => Math.Max(1, Math.Ceiling(bytes / SegmentBytes));
}
