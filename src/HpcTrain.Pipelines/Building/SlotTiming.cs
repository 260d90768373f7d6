using System.Collections.Immutable;

namespace HpcTrain.Pipelines.Building;

/// <summary>When the computations of a pipeline run if messages take no time: each as soon as the rank is free and its input is there.</summary>
internal sealed class SlotTiming
{
    private readonly ImmutableArray<ImmutableArray<PipelineAction>> _orders;
    private readonly long[][] _ends;

    // When the output, or the gradient of the input, of a chunk is there for a micro-batch; -1 before it is known.
    private readonly long[] _outputs, _gradients;
    private readonly int _microBatches, _chunks;

    private SlotTiming(ImmutableArray<ImmutableArray<PipelineAction>> orders, int chunks, int microBatches)
    {
        (_orders, _chunks, _microBatches) = (orders, chunks, microBatches);
        _ends = [.. orders.Select(order => new long[order.Length])];
        _outputs = new long[chunks * microBatches];
        _gradients = new long[chunks * microBatches];
        Array.Fill(_outputs, -1);
        Array.Fill(_gradients, -1);
    }

    /// <summary>How long a computation lasts: a whole backward twice as long as a forward, its halves as long as one.</summary>
    public static long Slots(ActionKind kind) => kind == ActionKind.Backward ? 2 : 1;

    /// <summary>Times the computations.</summary>
    /// <param name="orders">The computations of each rank, in their order.</param>
    /// <param name="chunks">The number of chunks.</param>
    /// <param name="microBatches">The number of micro-batches.</param>
    /// <returns>For each rank the ends of its computations, in slots.</returns>
    /// <exception cref="InvalidOperationException">The orders wait for each other: a defect of the generator.</exception>
    public static long[][] Run(ImmutableArray<ImmutableArray<PipelineAction>> orders, int chunks, int microBatches)
    {
        var timing = new SlotTiming(orders, chunks, microBatches);
        var next = new int[orders.Length];
        bool moved = true;
        while (moved)
        {
            moved = false;
            for (int rank = 0; rank < orders.Length; rank++)
            {
                while (next[rank] < orders[rank].Length && timing.TryRun(rank, next[rank]))
                {
                    next[rank]++;
                    moved = true;
                }
            }
        }

        for (int rank = 0; rank < orders.Length; rank++)
        {
            if (next[rank] < orders[rank].Length)
                throw new InvalidOperationException($"Rank {rank} waits for ever at {orders[rank][next[rank]]}: the generator's orders do not fit together.");
        }

        return timing._ends;
    }

    private bool TryRun(int rank, int at)
    {
        PipelineAction action = _orders[rank][at];
        long input = InputAt(action);
        if (input < 0)
            return false;
        long end = Math.Max(input, at == 0 ? 0 : _ends[rank][at - 1]) + Slots(action.Kind);
        _ends[rank][at] = end;
        if (action.Kind == ActionKind.Forward)
            _outputs[Place(action.Chunk, action.MicroBatch)] = end;
        else if (action.Kind != ActionKind.BackwardWeight)
            _gradients[Place(action.Chunk, action.MicroBatch)] = end;
        return true;
    }

    private long InputAt(PipelineAction action) => action.Kind switch
    {
        ActionKind.Forward => action.Chunk == 0 ? 0 : _outputs[Place(action.Chunk - 1, action.MicroBatch)],
        ActionKind.BackwardWeight => 0,
        _ => action.Chunk == _chunks - 1 ? 0 : _gradients[Place(action.Chunk + 1, action.MicroBatch)],
    };

    private int Place(int chunk, int microBatch) => (chunk * _microBatches) + microBatch;
}
