namespace HpcTrain.Collectives.Verification;

/// <summary>
/// The instructions of one rank's program in one line: an order that respects every lane and every dependency. Instructions
/// get serial numbers, lane after lane.
/// </summary>
internal sealed class ProgramOrder
{
    private readonly int[] _laneStarts;

    /// <summary>Finds the order.</summary>
    /// <exception cref="ScheduleException">The dependencies form a cycle.</exception>
    public ProgramOrder(Schedule schedule, int rank, RankProgram program)
    {
        Program = program;
        int lanes = program.Lanes.Length;
        _laneStarts = new int[lanes + 1];
        for (int l = 0; l < lanes; l++)
            _laneStarts[l + 1] = _laneStarts[l] + program.Lanes[l].Instructions.Length;

        Line = new InstructionId[_laneStarts[lanes]];
        int done = Run(lanes, out int[] next);
        if (done < Line.Length)
        {
            int stuck = Enumerable.Range(0, lanes).First(l => next[l] < program.Lanes[l].Instructions.Length);
            var id = new InstructionId(stuck, next[stuck]);
            throw Fault.At(schedule, rank, id, "waits for itself: the dependencies form a cycle");
        }
    }

    public RankProgram Program { get; }

    /// <summary>All instructions, each after everything that it has to follow.</summary>
    public InstructionId[] Line { get; }

    /// <summary>The instruction's serial number.</summary>
    public int Serial(InstructionId id) => _laneStarts[id.Lane] + id.Instruction;

    private int Run(int lanes, out int[] next)
    {
        // Each lane runs as far as it can; one that waits is woken by the lane that it waits for.
        next = new int[lanes];
        var waiters = new List<int>?[lanes];
        var ready = new Stack<int>();
        for (int l = lanes - 1; l >= 0; l--)
            ready.Push(l);

        int done = 0;
        while (ready.TryPop(out int l))
        {
            Lane lane = Program.Lanes[l];
            int before = next[l];
            while (next[l] < lane.Instructions.Length)
            {
                int awaited = FirstUndone(lane.After(next[l]), next);
                if (awaited >= 0)
                {
                    (waiters[awaited] ??= []).Add(l);
                    break;
                }

                Line[done++] = new(l, next[l]++);
            }

            if (next[l] > before && waiters[l] is { Count: > 0 } woken)
            {
                foreach (int waiter in woken)
                    ready.Push(waiter);
                woken.Clear();
            }
        }

        return done;
    }

    private static int FirstUndone(ReadOnlySpan<InstructionId> after, int[] next)
    {
        foreach (InstructionId id in after)
        {
            if (next[id.Lane] <= id.Instruction)
                return id.Lane;
        }

        return -1;
    }
}
