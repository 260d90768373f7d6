using System.Collections.Immutable;

namespace HpcTrain.Pipelines;

/// <summary>How long a schedule takes at given costs of chunks and links.</summary>
public static class PipelineSimulator
{
    // Idea. As a runtime executes it: a rank computes in the order of its list, each computation as soon as the one before has ended and its input is there. A send starts when the rank comes to
    // it, that is when the computation before it has ended, and goes on beside what follows; receives are posted ahead, so no message waits for its receiver. A link carries one message after the
    // other in each direction: a message occupies it for bytes / rate and arrives the latency later. Reductions run beside the computations, one after the other; the step waits for
    // all of them.
    // Since a time depends on earlier actions of the same list and on one message alone, ranks are run in turns, each as far as what it needs is known: no queue of events is needed.
    // Cost. Linear in the number of actions.

    /// <summary>Simulates a schedule that has been checked.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="costs">What its chunks and links cost.</param>
    /// <exception cref="PipelineException">Costs are given for another number of chunks, or the schedule waits for ever: check it first.</exception>
    public static PipelineTiming Run(PipelineSchedule schedule, PipelineCosts costs)
    {
        if (costs.Chunks.Length != schedule.Chunks)
            throw new PipelineException($"Costs are given for {costs.Chunks.Length} chunks, and schedule '{schedule.Name}' has {schedule.Chunks}.");
        var arrivals = new Arrivals(schedule);
        RankClock[] ranks = [.. Enumerable.Range(0, schedule.Stages).Select(rank => new RankClock(schedule, costs, arrivals, rank))];
        bool moved = true;
        while (moved)
        {
            moved = false;
            foreach (RankClock rank in ranks)
                moved |= rank.Advance();
        }

        if (Array.Find(ranks, rank => !rank.IsDone) is { } stuck)
            throw new PipelineException($"Schedule '{schedule.Name}' waits for ever: rank {stuck.Rank} at {stuck.Current}; check it first.", stuck.Rank, null);
        return new(schedule, costs, [.. ranks.Select(rank => rank.Spans.ToImmutableArray())], [.. ranks.SelectMany(rank => rank.Messages)]);
    }

    /// <summary>When inputs of forwards and backwards are there; NaN while that is not known.</summary>
    private sealed class Arrivals
    {
        private readonly double[] _inputs, _gradients;
        private readonly int _microBatches;

        public Arrivals(PipelineSchedule schedule)
        {
            _microBatches = schedule.MicroBatches;
            _inputs = new double[schedule.Chunks * _microBatches];
            _gradients = new double[schedule.Chunks * _microBatches];
            Array.Fill(_inputs, double.NaN, _microBatches, _inputs.Length - _microBatches); // the model's input is there
            Array.Fill(_gradients, double.NaN, 0, _gradients.Length - _microBatches); // and the last chunk has the loss
        }

        public ref double Input(int chunk, int microBatch) => ref _inputs[(chunk * _microBatches) + microBatch];

        public ref double Gradient(int chunk, int microBatch) => ref _gradients[(chunk * _microBatches) + microBatch];
    }

    private sealed class RankClock(PipelineSchedule schedule, PipelineCosts costs, Arrivals arrivals, int rank)
    {
        private readonly ImmutableArray<PipelineAction> _program = schedule.Programs[rank];
        private readonly double[] _linkFree = new double[schedule.Stages];
        private int _next;
        private double _now, _reduced;

        public int Rank => rank;

        public bool IsDone => _next == _program.Length;

        public PipelineAction Current => _program[_next];

        public List<ActionSpan> Spans { get; } = new(schedule.Programs[rank].Length);

        public List<MessageSpan> Messages { get; } = [];

        public bool Advance()
        {
            int before = _next;
            while (_next < _program.Length && TryRun(_program[_next]))
                _next++;
            return _next > before;
        }

        private bool TryRun(PipelineAction action)
        {
            switch (action.Kind)
            {
                case ActionKind.ReceiveActivation or ActionKind.ReceiveGradient:
                    return true;
                case ActionKind.SendActivation or ActionKind.SendGradient:
                    Send(action);
                    return true;
                case ActionKind.ReduceGradients:
                    double start = Math.Max(_now, _reduced);
                    _reduced = start + costs.Chunks[action.Chunk].Reduce;
                    Spans.Add(new(action, start, _reduced));
                    return true;
                case ActionKind.Step:
                    double begin = Math.Max(_now, _reduced);
                    _now = begin + costs.StepSeconds;
                    Spans.Add(new(action, begin, _now));
                    return true;
                default:
                    return TryCompute(action);
            }
        }

        private bool TryCompute(PipelineAction action)
        {
            double input = action.Kind switch
            {
                ActionKind.Forward => arrivals.Input(action.Chunk, action.MicroBatch),
                ActionKind.BackwardWeight => 0,
                _ => arrivals.Gradient(action.Chunk, action.MicroBatch),
            };
            if (double.IsNaN(input))
                return false;
            double start = Math.Max(_now, input);
            _now = start + costs.Chunks[action.Chunk].Seconds(action.Kind);
            Spans.Add(new(action, start, _now));

            // A neighbour on the same rank has its input at once; another rank gets a message.
            if (action.Kind == ActionKind.Forward && action.Chunk + 1 < schedule.Chunks && !schedule.IsBoundary(action.Chunk))
                arrivals.Input(action.Chunk + 1, action.MicroBatch) = _now;
            if (action.Kind is ActionKind.Backward or ActionKind.BackwardInput && action.Chunk > 0 && !schedule.IsBoundary(action.Chunk - 1))
                arrivals.Gradient(action.Chunk - 1, action.MicroBatch) = _now;
            return true;
        }

        private void Send(PipelineAction send)
        {
            int peerChunk = PipelineSchedule.PeerChunk(send), peer = schedule.Placement[peerChunk];
            double start = Math.Max(_now, _linkFree[peer]);
            _linkFree[peer] = start + (costs.Chunks[Math.Min(send.Chunk, peerChunk)].OutputBytes / costs.BytesPerSecond);
            double end = _linkFree[peer] + costs.LatencySeconds;
            if (send.Kind == ActionKind.SendActivation)
                arrivals.Input(peerChunk, send.MicroBatch) = end;
            else
                arrivals.Gradient(peerChunk, send.MicroBatch) = end;
            Messages.Add(new(send, rank, peer, _now, start, end));
        }
    }
}
