using HpcTrain.Collectives;
using HpcTrain.Kernels;

namespace HpcTrain.Benchmarking.Workloads;

/// <summary>The workloads of a request, in the order of the rows.</summary>
internal static class WorkloadPlan
{
    /// <summary>Says what is wrong with a request, whatever the number of ranks; null when nothing is.</summary>
    public static string? Problem(BenchmarkRequest request)
    {
        if (request.Sizes.Problem() is { } problem)
            return problem;
        if (!request.OutOfPlace && !request.InPlace)
            return "neither out of place nor in place is asked for";
        foreach (ElementType type in request.Types)
        {
            if (request.Collectives.All(collective => collective == CollectiveKind.Barrier))
                break;
            int size = type.SizeInBytes();
            if (request.Sizes.Least % size != 0)
                return $"--min-bytes {request.Sizes.Least} is no multiple of the {size} bytes of {type.Name()}; take {Multiple(request.Sizes.Least, size)}";
            if (request.Sizes.Step is { } step && step % size != 0)
                return $"--step-bytes {step} is no multiple of the {size} bytes of {type.Name()}; take {Multiple(step, size)}";
            if (request.SegmentBytes % size != 0)
                return $"--segment {request.SegmentBytes} is no multiple of the {size} bytes of {type.Name()}; take {Multiple(request.SegmentBytes, size)}";
        }

        bool minds = request.Collectives.Any(collective => collective.Reduces()) && !request.LeavesOutUndefined;
        foreach ((ElementType type, ReduceOp op) in request.Types.SelectMany(_ => request.Ops, (type, op) => (type, op)))
        {
            if (minds && !Workload.IsMeasured(op, type))
                return $"--op {op.Name()} does not go with {type.Name()}: band, bor and bxor reduce integers, and premulsum is measured for floats";
        }

        return AlgorithmSelection.Problem(request);
    }

    /// <summary>Says what the number of ranks makes wrong; null when nothing is.</summary>
    public static string? Problem(BenchmarkRequest request, int ranks)
    {
        bool isWrong = request.Root is { } root && (root < 0 || root >= ranks) && request.Collectives.Any(collective => collective.HasRoot());
        string numbers = ranks == 1 ? "the only rank is 0" : $"the {ranks} ranks are numbered from 0 to {ranks - 1}";
        return isWrong ? $"--root is {request.Root}, but {numbers}" : null;
    }

    /// <summary>
    /// The workloads of a collective: for each type, operation and root the sizes, for each size those out of place and in place, as far as they
    /// exist. Sizes that become the same when they are rounded come once.
    /// </summary>
    public static IEnumerable<Workload> Of(BenchmarkRequest request, CollectiveKind collective, int ranks)
    {
        bool isBarrier = collective == CollectiveKind.Barrier;
        foreach (ElementType type in isBarrier ? [ElementType.U8] : request.Types)
        {
            foreach (ReduceOp op in collective.Reduces() ? request.Ops.Where(op => Workload.IsMeasured(op, type)) : [ReduceOp.Sum])
            {
                foreach (int root in !collective.HasRoot() ? [0] : request.Root is { } one ? [one] : Enumerable.Range(0, ranks))
                {
                    IEnumerable<long> sizes = request.Sizes.Sizes().Select(size => Workload.Round(size, collective, type, ranks)).Distinct();
                    foreach (long bytes in isBarrier ? [0] : sizes)
                    {
                        foreach (bool inPlace in Places(request, collective))
                            yield return new(collective, ranks, type, op, root, bytes, inPlace);
                    }
                }
            }
        }
    }

    /// <summary>Whether the collective is measured in two buffers, in one, or both. One that has only one of these forms is measured in that.</summary>
    private static IEnumerable<bool> Places(BenchmarkRequest request, CollectiveKind collective) => collective switch
    {
        CollectiveKind.Broadcast => [true],
        CollectiveKind.Barrier => [false],
        _ => new[] { false, true }.Where(inPlace => inPlace ? request.InPlace : request.OutOfPlace),
    };

    private static string Multiple(long bytes, int size)
    {
        long below = bytes / size * size;
        return below == 0 ? $"{size}" : $"{below} or {below + size}";
    }
}
