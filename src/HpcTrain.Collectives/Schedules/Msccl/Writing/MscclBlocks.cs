using HpcTrain.Collectives.Verification;

namespace HpcTrain.Collectives.Msccl;

/// <summary>A thread block that is being written: instructions of a rank's program, in order.</summary>
internal sealed class MscclOpenBlock(int channel)
{
    public int Channel => channel;

    public int SendPeer { get; set; } = -1;

    public int ReceivePeer { get; set; } = -1;

    public List<InstructionId> Instructions { get; init; } = [];
}

/// <summary>The instructions of one rank in thread blocks.</summary>
internal sealed class MscclBlocks
{
    // Idea. A lane is cut into blocks of one peer to send to and one to receive from. Then a block that only receives and one that only sends
    // become one block, if the second passes on what the first receives: there a receive and its send fuse into one step.
    // The steps of a block run one after the other, so their order must be one in which all ranks together come to the end. The symbolic run has
    // found such an order: by step, and within a step first sends, then receives, then local instructions.
    private readonly SymbolicRun _run;
    private readonly int _rank;
    private readonly RankProgram _program;
    private readonly Dictionary<InstructionId, (int Block, int Position)> _places = [];

    public MscclBlocks(SymbolicRun run, int rank)
    {
        _run = run;
        _rank = rank;
        _program = run.Program(rank);
        for (int l = 0; l < _program.Lanes.Length; l++)
            All.AddRange(Cut(l));
        Number();
        Join();
        Number();
    }

    public List<MscclOpenBlock> All { get; } = [];

    /// <summary>The block of an instruction, and its position there.</summary>
    public (int Block, int Position) this[InstructionId id] => _places[id];

    /// <summary>What an instruction has to follow: what it waits for, and the one before it in its lane.</summary>
    public IEnumerable<InstructionId> Before(InstructionId id)
    {
        if (id.Instruction > 0)
            yield return id with { Instruction = id.Instruction - 1 };
        foreach (InstructionId after in _program.Lanes[id.Lane].After(id.Instruction).ToArray())
            yield return after;
    }

    private List<MscclOpenBlock> Cut(int l)
    {
        Lane lane = _program.Lanes[l];
        var blocks = new List<MscclOpenBlock>();
        MscclOpenBlock? current = null;
        var locals = new List<InstructionId>();
        for (int i = 0; i < lane.Instructions.Length; i++)
        {
            Instruction instruction = lane.Instructions[i];
            if (!instruction.Operation.IsTransfer())
            {
                (current?.Instructions ?? locals).Add(new(l, i));
                continue;
            }

            bool sends = instruction.Operation == Operation.Send;
            current = blocks.Find(block => (sends ? block.SendPeer : block.ReceivePeer) == instruction.Peer)
                ?? blocks.Find(block => (sends ? block.SendPeer : block.ReceivePeer) < 0);
            if (current == null)
                blocks.Add(current = new(lane.Channel));
            if (sends)
                current.SendPeer = instruction.Peer;
            else
                current.ReceivePeer = instruction.Peer;
            current.Instructions.Add(new(l, i));
        }

        if (blocks.Count > 0)
            blocks[0].Instructions.InsertRange(0, locals);
        else if (locals.Count > 0)
            blocks.Add(new(lane.Channel) { Instructions = locals });
        return blocks;
    }

    private void Number()
    {
        for (int b = 0; b < All.Count; b++)
        {
            for (int position = 0; position < All[b].Instructions.Count; position++)
                _places[All[b].Instructions[position]] = (b, position);
        }
    }

    private void Join()
    {
        var fusions = new Dictionary<(int Receiver, int Sender), int>();
        foreach (InstructionId id in _places.Keys)
        {
            if (_program[id].Operation == Operation.Send && Received(id) is { } received)
            {
                (int, int) pair = (_places[received].Block, _places[id].Block);
                fusions[pair] = fusions.GetValueOrDefault(pair) + 1;
            }
        }

        InstructionId[] line = new ProgramOrder(_run.Schedule, _rank, _program).Line;
        Dictionary<InstructionId, int> inLine = line.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var joined = new HashSet<int>();
        foreach ((int receiver, int sender) in fusions.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => pair.Key))
        {
            MscclOpenBlock to = All[receiver], from = All[sender];
            if (to.SendPeer >= 0 || from.ReceivePeer >= 0 || to.Channel != from.Channel || joined.Contains(receiver) || joined.Contains(sender))
                continue;
            joined.UnionWith([receiver, sender]);
            InstructionId[] both = [.. to.Instructions.Concat(from.Instructions)
                .OrderBy(id => _run.StepOf(_rank, id)).ThenBy(id => Phase(_program[id].Operation)).ThenBy(id => inLine[id])];
            to.SendPeer = from.SendPeer;
            to.Instructions.Clear();
            to.Instructions.AddRange(both);
            from.Instructions.Clear();
        }

        All.RemoveAll(block => block.Instructions.Count == 0);
    }

    /// <summary>The receive of exactly what a send passes on, if the send waits for it.</summary>
    private InstructionId? Received(InstructionId send)
    {
        Instruction sent = _program[send];
        foreach (InstructionId id in Before(send))
        {
            Instruction other = _program[id];
            if (other.Operation is Operation.Recv or Operation.RecvReduce && other.Buffer == sent.Buffer && other.Chunks == sent.Chunks)
                return id;
        }

        return null;
    }

    private static int Phase(Operation operation) => operation switch { Operation.Send => 0, Operation.Recv or Operation.RecvReduce => 1, _ => 2 };
}
