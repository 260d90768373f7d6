using System.Collections.Immutable;

namespace HpcTrain.Pipelines.Checking;

/// <summary>
/// Runs a schedule symbolically without any buffering: a message passes only when both ranks have come to it, and a rank goes on only when all messages of its exchange have
/// passed.
/// </summary>
internal sealed class RendezvousRun
{
    // Idea. A rank stands at an exchange or runs past what is none. When it comes to an exchange it opens its messages; one whose other end is open passes, and is counted off at
    // both. A rank whose count is zero goes on. What passes never depends on the order in which ranks are looked at, so one run decides: either all come to their ends, or
    // those that stand wait for each other for ever.
    // That a run without buffering ends proves more than it says: an execution that posts receives earlier, or lets sends linger, waits for less, and ends too.
    // Cost. Linear in the number of actions.
    private readonly PipelineSchedule _schedule;
    private readonly int[] _next, _end, _open;
    private readonly bool[] _isOpen;
    private readonly Queue<int> _ready = new();

    private RendezvousRun(PipelineSchedule schedule)
    {
        _schedule = schedule;
        (_next, _end, _open) = (new int[schedule.Stages], new int[schedule.Stages], new int[schedule.Stages]);
        _isOpen = new bool[4 * schedule.Chunks * schedule.MicroBatches];
    }

    /// <summary>Runs the schedule, whose messages have both ends.</summary>
    /// <exception cref="PipelineException">It stands still: the message names the ranks that wait for each other.</exception>
    public static void Run(PipelineSchedule schedule)
    {
        var run = new RendezvousRun(schedule);
        for (int rank = 0; rank < schedule.Stages; rank++)
            run._ready.Enqueue(rank);
        while (run._ready.TryDequeue(out int rank))
            run.Advance(rank);
        for (int rank = 0; rank < schedule.Stages; rank++)
        {
            if (run._next[rank] < schedule.Programs[rank].Length)
                throw run.Deadlock(rank);
        }
    }

    private void Advance(int rank)
    {
        ImmutableArray<PipelineAction> program = _schedule.Programs[rank];
        while (_open[rank] == 0)
        {
            int at = _end[rank];
            while (at < program.Length && !program[at].Kind.IsMessage())
                at++;
            _next[rank] = at;
            while (at < program.Length && program[at].Kind.IsMessage())
                at++;
            _end[rank] = at;
            if (_next[rank] == program.Length)
                return;
            for (int action = _next[rank]; action < at; action++)
                Open(rank, program[action]);
        }
    }

    private void Open(int rank, PipelineAction message)
    {
        _isOpen[Place(message)] = true;
        _open[rank]++;
        PipelineAction other = PipelineSchedule.OtherEnd(message);
        if (!_isOpen[Place(other)])
            return;
        int peer = _schedule.Placement[other.Chunk];
        _open[rank]--;
        if (--_open[peer] == 0)
            _ready.Enqueue(peer);
    }

    private int Place(PipelineAction message) =>
        ((((int)message.Kind - (int)ActionKind.SendActivation) * _schedule.Chunks) + message.Chunk) * _schedule.MicroBatches + message.MicroBatch;

    private PipelineException Deadlock(int rank)
    {
        // Each rank that stands waits for one that stands, so following the waits comes back to a rank already seen.
        var path = new List<int>();
        for (; !path.Contains(rank); rank = Awaited(rank).Peer)
            path.Add(rank);
        path.RemoveRange(0, path.IndexOf(rank));
        IEnumerable<string> others = path.Skip(1).Append(rank).Select(one => CheckFault.Place(_schedule, one, Awaited(one).Action));
        return CheckFault.At(_schedule, rank, Awaited(rank).Action, $"is in a deadlock: it waits for {string.Join(", which waits for ", others)}");
    }

    /// <summary>The first message of a rank's exchange that has not passed.</summary>
    private (int Action, int Peer) Awaited(int rank)
    {
        int action = _next[rank];
        while (_isOpen[Place(PipelineSchedule.OtherEnd(_schedule.Programs[rank][action]))])
            action++;
        return (action, _schedule.Peer(_schedule.Programs[rank][action]));
    }
}
