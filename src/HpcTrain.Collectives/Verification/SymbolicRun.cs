namespace HpcTrain.Collectives.Verification;

/// <summary>Runs all programs together on symbolic values, with rendezvous: a send and its receive take effect at one moment.</summary>
internal sealed class SymbolicRun
{
    // Idea. Every lane of every rank has a cursor. A lane moves on while it can: a local instruction runs when what it waits for
    // is done; a transfer runs when the lane at its other end stands at the matching transfer. A lane that cannot move is parked
    // with the one lane that it waits for and woken when that has moved. When nothing can move, all lanes are at their end or there is a deadlock. The order of moves does not matter:
    // races have been excluded, and channels are first in, first out.
    private const int None = -1;

    private readonly Schedule _schedule;
    private readonly RankProgram[] _programs;
    private readonly int[] _laneStarts;
    private readonly LaneState[] _lanes;
    private readonly Dictionary<(int From, int To, int Channel), Ends> _channels = [];
    private readonly int[]?[][] _values;
    private readonly long[] _weightsBefore;
    private readonly long[] _sent;
    private readonly long[] _reduced;
    private readonly Stack<int> _ready = new();

    public SymbolicRun(Schedule schedule, RankProgram[] programs)
    {
        _schedule = schedule;
        _programs = programs;
        _sent = new long[schedule.Ranks];
        _reduced = new long[schedule.Ranks];
        Trees = new ReductionTrees(schedule.Ranks);

        _weightsBefore = new long[schedule.Chunks.Length + 1];
        for (int c = 0; c < schedule.Chunks.Length; c++)
            _weightsBefore[c + 1] = _weightsBefore[c] + schedule.Chunks[c].Weight;

        _laneStarts = new int[schedule.Ranks + 1];
        for (int rank = 0; rank < schedule.Ranks; rank++)
            _laneStarts[rank + 1] = _laneStarts[rank] + programs[rank].Lanes.Length;
        _lanes = new LaneState[_laneStarts[^1]];
        _values = new int[schedule.Ranks][][];
        for (int rank = 0; rank < schedule.Ranks; rank++)
            Load(rank);
    }

    public ReductionTrees Trees { get; }

    public VerificationReport Report
    {
        get
        {
            long instructions = 0, path = 0;
            int steps = 0;
            foreach (LaneState lane in _lanes)
            {
                instructions += lane.Next;
                steps = Math.Max(steps, lane.Now.Steps);
                path = Math.Max(path, lane.Now.Weight);
            }

            return new(instructions, steps, _weightsBefore[^1], _sent.Max(), _reduced.Max(), path);
        }
    }

    public int Value(int rank, BufferId buffer, int chunk) => _values[rank][buffer.Index]?[chunk] ?? ReductionTrees.Nothing;

    /// <summary>The step in which an instruction took effect, from 1 on, when every message takes one step; local instructions take none.</summary>
    public int StepOf(int rank, InstructionId id) => _lanes[_laneStarts[rank] + id.Lane].Times[id.Instruction].Steps;

    public void Run()
    {
        for (int lane = _lanes.Length - 1; lane >= 0; lane--)
            _ready.Push(lane);
        while (_ready.TryPop(out int lane))
            Advance(lane);
        DeadlockReport.ThrowIfStuck(this);
    }

    public Schedule Schedule => _schedule;

    /// <summary>The program of a rank, as it was run.</summary>
    public RankProgram Program(int rank) => _programs[rank];

    public int LaneCount => _lanes.Length;

    /// <summary>Where a lane stands, or null when it has come to its end.</summary>
    public (int Rank, InstructionId Id)? Standing(int lane)
    {
        ref LaneState state = ref _lanes[lane];
        return state.Next == state.Lane.Instructions.Length ? null : (state.Rank, new(state.Position, state.Next));
    }

    /// <summary>The lane that a standing lane waits for, or -1 when the instruction that it needs does not exist.</summary>
    public int Awaited(int lane)
    {
        int awaited = AwaitedDependency(ref _lanes[lane]);
        return awaited != None ? awaited : Partner(ref _lanes[lane]);
    }

    private void Load(int rank)
    {
        RankProgram program = _programs[rank];
        _values[rank] = new int[byte.MaxValue + 1][];
        int[] data = Buffer(rank, BufferId.Data);
        for (int c = 0; c < data.Length; c++)
        {
            if (Contract.Contributes(_schedule, rank, c))
                data[c] = ReductionTrees.Contribution(rank);
        }

        for (int l = 0; l < program.Lanes.Length; l++)
        {
            int number = _laneStarts[rank] + l;
            Lane lane = program.Lanes[l];
            _lanes[number] = new() { Rank = rank, Position = l, Lane = lane, Times = new Moment[lane.Instructions.Length], FirstWaiter = None, NextWaiter = None };
            for (int i = 0; i < lane.Instructions.Length; i++)
            {
                Instruction instruction = lane.Instructions[i];
                if (i > 0 && SameChannel(instruction, lane.Instructions[i - 1]))
                    continue;
                if (instruction.Operation == Operation.Send)
                    _channels[(rank, instruction.Peer, lane.Channel)] = EndsOf(rank, instruction.Peer, lane.Channel) with { Sender = number };
                else if (instruction.Operation.IsTransfer())
                    _channels[(instruction.Peer, rank, lane.Channel)] = EndsOf(instruction.Peer, rank, lane.Channel) with { Receiver = number };
            }
        }
    }

    private static bool SameChannel(Instruction a, Instruction b) =>
        a.Peer == b.Peer && (a.Operation == Operation.Send) == (b.Operation == Operation.Send);

    private Ends EndsOf(int from, int to, int channel) => _channels.GetValueOrDefault((from, to, channel), new(None, None));

    private void Advance(int number)
    {
        ref LaneState lane = ref _lanes[number];
        while (lane.Next < lane.Lane.Instructions.Length && !lane.IsParked)
        {
            int awaited = AwaitedDependency(ref lane);
            if (awaited != None)
            {
                lane.IsParked = true;
                lane.NextWaiter = _lanes[awaited].FirstWaiter;
                _lanes[awaited].FirstWaiter = number;
                return;
            }

            Instruction instruction = lane.Current;
            if (!instruction.Operation.IsTransfer())
            {
                Apply(ref lane, instruction, Read(ref lane, instruction, instruction.Source), lane.Now);
                Finish(number);
                continue;
            }

            lane.AtTransfer = true;
            int partner = Partner(ref lane);
            if (partner == None || !Meet(ref lane, ref _lanes[partner], number))
                return;
            if (instruction.Operation == Operation.Send)
                Transfer(ref lane, ref _lanes[partner]);
            else
                Transfer(ref _lanes[partner], ref lane);
            Finish(partner);
            Finish(number);
            _ready.Push(partner);
        }
    }

    private bool Meet(ref LaneState lane, ref LaneState other, int number) =>
        other.AtTransfer
        && (other.Current.Operation == Operation.Send) != (lane.Current.Operation == Operation.Send)
        && Partner(ref other) == number;

    private int AwaitedDependency(ref LaneState lane)
    {
        Moment start = lane.Now;
        foreach (InstructionId id in lane.Lane.After(lane.Next))
        {
            int awaited = _laneStarts[lane.Rank] + id.Lane;
            if (_lanes[awaited].Next <= id.Instruction)
                return awaited;
            start = Moment.Later(start, _lanes[awaited].Times[id.Instruction]);
        }

        lane.Now = start;
        return None;
    }

    private int Partner(ref LaneState lane)
    {
        Instruction instruction = lane.Current;
        return instruction.Operation == Operation.Send
            ? EndsOf(lane.Rank, instruction.Peer, lane.Lane.Channel).Receiver
            : EndsOf(instruction.Peer, lane.Rank, lane.Lane.Channel).Sender;
    }

    private void Transfer(ref LaneState sender, ref LaneState receiver)
    {
        Instruction send = sender.Current;
        Instruction receive = receiver.Current;
        if (send.Chunks != receive.Chunks)
        {
            throw Fault.At(_schedule, receiver.Rank, receiver.Id, receive,
                $"meets instruction {sender.Id} of rank {sender.Rank} ({send}), which sends other chunks");
        }

        long weight = Weight(send.Chunks);
        _sent[sender.Rank] += weight;
        Moment done = Moment.Later(sender.Now, receiver.Now).Plus(weight);
        sender.Now = done;
        Apply(ref receiver, receive, Read(ref sender, send, send.Buffer), done);
    }

    private ReadOnlySpan<int> Read(ref LaneState lane, Instruction instruction, BufferId buffer)
    {
        ReadOnlySpan<int> values = Buffer(lane.Rank, buffer).AsSpan(instruction.Chunks.First, instruction.Chunks.Count);
        int empty = values.IndexOf(ReductionTrees.Nothing);
        if (empty >= 0)
            throw Fault.At(_schedule, lane.Rank, lane.Id, instruction, $"reads {buffer}[{instruction.Chunks.First + empty}], which holds nothing yet");
        return values;
    }

    private void Apply(ref LaneState lane, Instruction instruction, ReadOnlySpan<int> source, Moment done)
    {
        Span<int> target = Buffer(lane.Rank, instruction.Buffer).AsSpan(instruction.Chunks.First, instruction.Chunks.Count);
        lane.Now = done;
        if (instruction.Operation is Operation.Recv or Operation.Copy)
        {
            source.CopyTo(target);
            return;
        }

        Read(ref lane, instruction, instruction.Buffer);
        _reduced[lane.Rank] += Weight(instruction.Chunks);
        for (int c = 0; c < target.Length; c++)
            target[c] = Trees.Reduce(target[c], source[c]);
    }

    private void Finish(int number)
    {
        ref LaneState lane = ref _lanes[number];
        lane.Times[lane.Next++] = lane.Now;
        lane.AtTransfer = false;
        for (int waiter = lane.FirstWaiter; waiter != None; waiter = _lanes[waiter].NextWaiter)
        {
            _lanes[waiter].IsParked = false;
            _ready.Push(waiter);
        }

        lane.FirstWaiter = None;
    }

    private long Weight(ChunkRange chunks) => _weightsBefore[chunks.End] - _weightsBefore[chunks.First];

    private int[] Buffer(int rank, BufferId buffer)
    {
        ref int[]? values = ref _values[rank][buffer.Index];
        if (values == null)
        {
            values = new int[_schedule.Chunks.Length];
            Array.Fill(values, ReductionTrees.Nothing);
        }

        return values;
    }

    private readonly record struct Ends(int Sender, int Receiver);

    /// <summary>Two clocks: messages in a row, and weight in a row when only the links take time.</summary>
    private readonly record struct Moment(int Steps, long Weight)
    {
        public static Moment Later(Moment a, Moment b) => new(Math.Max(a.Steps, b.Steps), Math.Max(a.Weight, b.Weight));

        public Moment Plus(long weight) => new(Steps + 1, Weight + weight);
    }

    private struct LaneState
    {
        public required int Rank;
        public required int Position;
        public required Lane Lane;
        public required Moment[] Times;
        public int Next;
        public Moment Now;
        public bool AtTransfer;
        public bool IsParked;
        public required int FirstWaiter;
        public required int NextWaiter;

        public readonly InstructionId Id => new(Position, Next);

        public readonly Instruction Current => Lane.Instructions[Next];
    }
}
