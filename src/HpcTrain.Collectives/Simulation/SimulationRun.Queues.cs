using HpcTrain.Collectives.Execution;

namespace HpcTrain.Collectives.Simulation;

internal sealed partial class SimulationRun
{
    private enum Posting
    {
        /// <summary>The next segment waits for others of the rank, or there is none.</summary>
        Waits,

        /// <summary>The next segment could be posted if fewer were under way.</summary>
        IsFull,

        /// <summary>A step has been posted to its end.</summary>
        StepDone,
    }

    /// <summary>Offers what is ready.</summary>
    private Posting Send(ref QueueState queue, bool stepByStep)
    {
        ref Flow flow = ref _flows[queue.Flow];
        while (!queue.IsPosted)
        {
            long from = queue.Posted.From, length = queue.Posted.Next;
            ref readonly StepRun run = ref _runs[queue.Posted.Run];
            int position = queue.Posted.Position;
            if (!IsReady(in run, position, from, from + length))
                return Posting.Waits;
            if (queue.InFlight >= _window)
                return Posting.IsFull;
            queue.InFlight++;
            Advance(ref queue.Posted, length, queue.RunEnd);
            if (++flow.Sends <= flow.Receives)
                SetOut(queue.Flow, length, run.ChunksAt(position));
            if (stepByStep && queue.Posted.Position != position)
                return Posting.StepDone;
        }

        return Posting.Waits;
    }

    /// <summary>Offers what is ready in the queues of a lane: nothing overtakes what comes before it in the lane and could be sent.</summary>
    private void SendLane(ref QueueState leader)
    {
        int before = QueueState.None, q = leader.Head;
        while (q != QueueState.None)
        {
            ref QueueState queue = ref _queues[q];
            Posting posting = Send(ref queue, stepByStep: true);
            if (posting == Posting.IsFull)
                return;
            if (posting == Posting.Waits && !queue.IsPosted)
            {
                (before, q) = (q, queue.NextSibling);
                continue;
            }

            int next = queue.NextSibling;
            if (before == QueueState.None)
                leader.Head = next;
            else
                _queues[before].NextSibling = next;
            queue.NextSibling = QueueState.None;
            if (!queue.IsPosted)
                Insert(ref leader, q);
            q = before == QueueState.None ? leader.Head : _queues[before].NextSibling;
        }
    }

    /// <summary>Puts a queue to its place among those of its lane: by its next send.</summary>
    private void Insert(ref QueueState leader, int q)
    {
        int mine = NextInstruction(q), before = QueueState.None, after = leader.Head;
        while (after != QueueState.None && NextInstruction(after) < mine)
            (before, after) = (after, _queues[after].NextSibling);
        _queues[q].NextSibling = after;
        if (before == QueueState.None)
            leader.Head = q;
        else
            _queues[before].NextSibling = q;
    }

    private int NextInstruction(int q)
    {
        ref StepCursor posted = ref _queues[q].Posted;
        return _runs[posted.Run].InstructionAt(posted.Position);
    }

    /// <summary>Reduces what has arrived and may be reduced, and makes room for what comes next.</summary>
    private void Receive(ref QueueState queue, int q)
    {
        TakeArrived(ref queue, q);
        ref Flow flow = ref _flows[queue.Flow];
        while (queue.InFlight < _window && !queue.IsPosted)
        {
            long from = queue.Posted.From, length = queue.Posted.Next;
            ref readonly StepRun run = ref _runs[queue.Posted.Run];
            int position = queue.Posted.Position;

            // What is reduced later arrives beside its target, so there is room for it at any time.
            if (run.Operation != Operation.RecvReduce && !IsReady(in run, position, from, from + length))
                return;
            queue.InFlight++;
            Advance(ref queue.Posted, length, queue.RunEnd);
            if (++flow.Receives <= flow.Sends)
                SetOut(queue.Flow, length, run.ChunksAt(position));
        }
    }

    private void TakeArrived(ref QueueState queue, int q)
    {
        while (queue.Arrived > 0 && !queue.IsAtWork)
        {
            ref readonly StepRun run = ref _runs[queue.Oldest.Run];
            if (run.Operation == Operation.RecvReduce)
            {
                long from = queue.Oldest.From, length = queue.Oldest.Next;
                if (!IsReady(in run, queue.Oldest.Position, from, from + length) || BeginWork(ref queue, q))
                    return;
            }

            queue.Arrived--;
            Complete(ref queue);
        }
    }

    private void WorkLocally(ref QueueState queue, int q)
    {
        while (!queue.IsDone && !queue.IsAtWork)
        {
            long from = queue.Oldest.From, length = queue.Oldest.Next;
            if (!IsReady(in _runs[queue.Oldest.Run], queue.Oldest.Position, from, from + length) || BeginWork(ref queue, q))
                return;
            Complete(ref queue);
        }
    }

    /// <summary>Gives the oldest segment to the processor.</summary>
    /// <returns>Whether that takes time; otherwise it is done already. Copies take none.</returns>
    private bool BeginWork(ref QueueState queue, int q)
    {
        ref readonly StepRun run = ref _runs[queue.Oldest.Run];
        long bytes = queue.Oldest.Next * _elementBytes;
        double seconds = run.Operation == Operation.Copy ? 0 : bytes * _options.ReduceSecondsPerByte;
        if (seconds == 0)
            return false;
        double begin = Math.Max(_now, _processorFree[queue.Rank]), end = begin + seconds;
        _processorFree[queue.Rank] = end;
        _trace?.OnReduce(queue.Rank, queue.Lane, run.ChunksAt(queue.Oldest.Position), bytes, begin, end);
        queue.IsAtWork = true;
        _events.Add(end, (q << KindBits) | Work);
        return true;
    }

    private void FinishWork(int q)
    {
        ref QueueState queue = ref _queues[q];
        queue.IsAtWork = false;
        if (queue.Arrived > 0)
            queue.Arrived--;
        Complete(ref queue);
    }

    /// <summary>The oldest segment is done: those that wait for it are woken.</summary>
    private void Complete(ref QueueState queue)
    {
        Advance(ref queue.Oldest, queue.Oldest.Next, queue.RunEnd);
        if (queue.Kind != QueueKind.Local)
            queue.InFlight--;
        _finished[queue.Rank] = _now;
        Wake(queue.Leader);
        foreach (int leader in _schedule.Dependents.AsSpan(queue.FirstDependent..queue.DependentEnd))
            Wake(leader);
    }

    /// <summary>Whether every step before that touches the elements [from, to) is done with them.</summary>
    private bool IsReady(in StepRun run, int position, long from, long to)
    {
        for (int a = run.FirstAwaited; a < run.AwaitedEnd; a++)
        {
            ref readonly AwaitedStep awaited = ref _schedule.Awaited[a];
            ref QueueState other = ref _queues[awaited.Queue];
            int place = position + awaited.Ahead;
            if (other.Oldest.Position > place)
                continue;
            int first = run.ChunksAt(position).First + awaited.FirstAhead;
            long start = _offsets[first], end = _offsets[first + awaited.Count];
            if (from < end && to > start && start + (other.Oldest.Position == place ? other.Oldest.Done : 0) < Math.Min(to, end))
                return false;
        }

        return true;
    }

    private void Advance(ref StepCursor cursor, long length, int runEnd)
    {
        cursor.Done += length;
        if (cursor.Done < cursor.Length)
            return;
        if (++cursor.Position == _runs[cursor.Run].End && ++cursor.Run == runEnd)
            return;
        Load(ref cursor);
    }

    private void Load(ref StepCursor cursor)
    {
        ChunkRange chunks = _runs[cursor.Run].ChunksAt(cursor.Position);
        cursor.Done = 0;
        cursor.Start = _offsets[chunks.First];
        long length = _offsets[chunks.End] - cursor.Start;
        if (length == cursor.Length)
            return;
        cursor.Length = length;
        cursor.SegmentLength = ExecutionPlan.SegmentLength(length, _elementBytes, _segmentBytes, _longest);
    }
}
