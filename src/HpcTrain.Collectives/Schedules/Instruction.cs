namespace HpcTrain.Collectives;

/// <summary>What an instruction does.</summary>
public enum Operation : byte
{
    /// <summary>Sends chunks to a peer. It is done when the chunks may be overwritten.</summary>
    Send,

    /// <summary>Receives chunks from a peer, overwriting what was there.</summary>
    Recv,

    /// <summary>Receives chunks from a peer and reduces them into the chunks that are there: target = op(target, received).</summary>
    RecvReduce,

    /// <summary>Copies chunks from one of the rank's buffers to the same chunks of another.</summary>
    Copy,

    /// <summary>Reduces chunks of one of the rank's buffers into the same chunks of another: target = op(target, source).</summary>
    Reduce,
}

/// <summary>The names of operations in texts and files.</summary>
public static class Operations
{
    private static readonly string[] s_names = ["send", "recv", "recv-reduce", "copy", "reduce"];

    /// <summary>All names, in the order of <see cref="Operation"/>.</summary>
    public static IReadOnlyList<string> Names => s_names;

    /// <summary>The name in texts and files, for example <c>recv-reduce</c>.</summary>
    public static string Name(this Operation operation) => s_names[(int)operation];

    /// <summary>Whether the operation needs a peer.</summary>
    public static bool IsTransfer(this Operation operation) => operation <= Operation.RecvReduce;

    /// <summary>Finds an operation by its name.</summary>
    public static bool TryParse(string name, out Operation operation)
    {
        int index = Array.IndexOf(s_names, name);
        operation = (Operation)Math.Max(index, 0);
        return index >= 0;
    }
}

/// <summary>
/// One instruction of a lane. A transfer names its peer and the buffer that is read (send) or written (recv, recv-reduce);
/// a local instruction reads <see cref="Source"/> and writes <see cref="Buffer"/>. Both sides of a transfer name the same chunks.
/// </summary>
/// <param name="Operation">What it does.</param>
/// <param name="Chunks">The chunks that it moves.</param>
/// <param name="Buffer">The buffer that a send reads and everything else writes.</param>
/// <param name="Peer">The other rank of a transfer; -1 for a local instruction.</param>
/// <param name="Source">The buffer that a local instruction reads.</param>
public readonly record struct Instruction(Operation Operation, ChunkRange Chunks, BufferId Buffer, int Peer, BufferId Source)
{
    /// <summary>The instruction as one line of text, for example <c>recv-reduce data[3] from 1</c>.</summary>
    public override string ToString()
    {
        string place = $"{Buffer}[{Chunks}]";
        return Operation switch
        {
            Operation.Send => $"send {place} to {Peer}",
            Operation.Copy => $"copy {Source}[{Chunks}] to {Buffer}",
            Operation.Reduce => $"reduce {Source}[{Chunks}] into {Buffer}",
            _ => $"{Operation.Name()} {place} from {Peer}",
        };
    }
}

/// <summary>The name of an instruction inside a rank's program; what other instructions wait for.</summary>
/// <param name="Lane">The lane's position in the program.</param>
/// <param name="Instruction">The instruction's position in the lane.</param>
public readonly record struct InstructionId(int Lane, int Instruction)
{
    /// <summary><c>lane.instruction</c>, as schedules are printed.</summary>
    public override string ToString() => $"{Lane}.{Instruction}";
}
