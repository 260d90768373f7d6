using System.Collections.Immutable;
using HpcTrain.Collectives.Verification;

namespace HpcTrain.Collectives.Msccl;

/// <summary>Writes the thread blocks of one GPU for the program of its rank.</summary>
internal sealed class MscclGpuWriter
{
    // A step moves fewer chunks than 72 in Microsoft's runtime and in AMD's.
    private const int MostChunksOfStep = 64;

    private readonly Schedule _schedule;
    private readonly int _rank;
    private readonly RankProgram _program;
    private readonly MscclExportPlaces _places;
    private readonly MscclBlocks _blocks;
    private readonly List<List<OpenStep>> _steps = [];

    /// <summary>The last step of each instruction.</summary>
    private readonly Dictionary<InstructionId, MscclStepId> _done = [];

    public MscclGpuWriter(SymbolicRun run, int rank, ImmutableArray<int> starts)
    {
        _schedule = run.Schedule;
        _rank = rank;
        _program = run.Program(rank);
        _places = new(run.Schedule, rank, _program, starts);
        _blocks = new(run, rank);
    }

    /// <summary>The GPU, whose input and output have that many chunks as far as they are used.</summary>
    public MscclGpu Write(int chunks)
    {
        foreach (MscclOpenBlock block in _blocks.All)
            WriteBlock(block);
        HashSet<MscclStepId> awaited = [.. _steps.SelectMany(steps => steps).Where(step => step.After.HasValue).Select(step => _done[step.After!.Value])];
        var blocks = new List<MscclBlock>();
        foreach ((int b, MscclOpenBlock block) in _blocks.All.Index())
        {
            blocks.Add(new(block.SendPeer, block.ReceivePeer, block.Channel, [.. _steps[b].Select((step, s) => new MscclStep(
                step.Type, step.Source, step.Target, step.Count, step.After is { } after ? _done[after] : null, awaited.Contains(new(b, s))))]));
        }

        bool pairs = _schedule.Collective == CollectiveKind.AllToAll;
        if (pairs && CopyOwn() is { Count: > 0 } own)
            blocks.Add(new(-1, -1, 0, own));
        bool longOutput = _schedule.Collective is CollectiveKind.AllGather or CollectiveKind.Gather;
        return new(longOutput ? 0 : chunks, longOutput || pairs ? chunks : 0, _places.ScratchChunks, blocks);
    }

    private void WriteBlock(MscclOpenBlock block)
    {
        int number = _steps.Count;
        var steps = new List<OpenStep>();
        _steps.Add(steps);
        var awaited = new Dictionary<int, int>();
        Instruction? previous = null;
        int firstOfPrevious = 0;
        foreach (InstructionId id in block.Instructions)
        {
            Instruction instruction = _program[id];
            List<InstructionId> before = FindWaits(id, number, awaited);
            bool fuses = before.Count == 0 && instruction.Operation == Operation.Send
                && previous is { Operation: Operation.Recv or Operation.RecvReduce } received
                && received.Buffer == instruction.Buffer && received.Chunks == instruction.Chunks;
            if (fuses)
            {
                MscclStepType fused = previous!.Value.Operation == Operation.Recv ? MscclStepType.ReceiveCopySend : MscclStepType.ReceiveReduceCopySend;
                for (int s = firstOfPrevious; s < steps.Count; s++)
                    steps[s] = steps[s] with { Type = fused };
            }
            else
            {
                foreach (InstructionId extra in before.SkipLast(1))
                    steps.Add(new(MscclStepType.Nop, new(MscclBuffer.Input, -1), new(MscclBuffer.Output, -1), 0, extra));
                firstOfPrevious = steps.Count;
                WriteInstruction(instruction, before.Count > 0 ? before[^1] : null, steps);
            }

            _done[id] = new(number, steps.Count - 1);
            previous = fuses ? null : instruction;
        }
    }

    /// <summary>What an instruction has to wait for, beyond what its block has waited for already.</summary>
    /// <param name="id">The instruction.</param>
    /// <param name="block">Its block.</param>
    /// <param name="awaited">The last position in other blocks that this block has waited for; updated.</param>
    private List<InstructionId> FindWaits(InstructionId id, int block, Dictionary<int, int> awaited)
    {
        var latest = new SortedDictionary<int, (int Position, InstructionId Id)>();
        foreach (InstructionId before in _blocks.Before(id))
        {
            (int other, int position) = _blocks[before];
            int known = latest.TryGetValue(other, out (int Position, InstructionId) wait) ? wait.Position : awaited.GetValueOrDefault(other, -1);
            if (other != block && position > known)
                latest[other] = (position, before);
        }

        foreach ((int other, (int position, _)) in latest)
            awaited[other] = position;
        return [.. latest.Values.Select(wait => wait.Id)];
    }

    private void WriteInstruction(Instruction instruction, InstructionId? after, List<OpenStep> steps)
    {
        MscclStepType type = instruction.Operation switch
        {
            Operation.Send => MscclStepType.Send,
            Operation.Recv => MscclStepType.Receive,
            Operation.RecvReduce => MscclStepType.ReceiveReduceCopy,
            Operation.Copy => MscclStepType.Copy,
            _ => MscclStepType.Reduce,
        };
        bool writes = instruction.Operation != Operation.Send;
        BufferId from = instruction.Operation.IsTransfer() ? instruction.Buffer : instruction.Source;
        foreach (ChunkRange run in _places.Runs(instruction.Chunks))
        {
            MscclPlace target = _places.Of(instruction.Buffer, run.First, writes);
            MscclPlace source = from == instruction.Buffer ? target : _places.Of(from, run.First, writes: false);
            foreach ((int first, int count) in Pieces(_places.Length(run)))
            {
                steps.Add(new(type, source + first, target + first, count, after));
                after = null;
            }
        }
    }

    /// <summary>Copies from the input to the output what a rank of an all-to-all sends to itself, unless the program receives it.</summary>
    private List<MscclStep> CopyOwn()
    {
        var steps = new List<MscclStep>();
        for (int c = 0; c < _schedule.Chunks.Length; c++)
        {
            Chunk chunk = _schedule.Chunks[c];
            bool isWritten = _program.Lanes.Any(lane => lane.Instructions.Any(instruction =>
                instruction.Operation != Operation.Send && instruction.Buffer == BufferId.Data && instruction.Chunks.Overlaps(c)));
            if (chunk.Owner != _rank || chunk.Target != _rank || isWritten)
                continue;
            MscclPlace input = _places.Of(BufferId.Data, c, writes: false), output = _places.Of(BufferId.Data, c, writes: true);
            foreach ((int first, int count) in Pieces(_places.Length(c)))
                steps.Add(new(MscclStepType.Copy, input + first, output + first, count, null, false));
        }

        return steps;
    }

    private static IEnumerable<(int First, int Count)> Pieces(int length)
    {
        for (int first = 0; first < length; first += MostChunksOfStep)
            yield return (first, Math.Min(MostChunksOfStep, length - first));
    }

    /// <summary>A step whose dependency is still an instruction.</summary>
    private sealed record OpenStep(MscclStepType Type, MscclPlace Source, MscclPlace Target, int Count, InstructionId? After);
}
