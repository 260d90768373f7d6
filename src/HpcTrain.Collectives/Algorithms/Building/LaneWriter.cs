namespace HpcTrain.Collectives.Algorithms;

/// <summary>Writes one lane of a program; what its instructions wait for is found by the <see cref="ProgramWriter"/>.</summary>
internal sealed class LaneWriter(ProgramWriter program, LaneBuilder builder, int position)
{
    public void Send(int peer, ChunkRange chunks, BufferId buffer = default) => Add(new(Operation.Send, chunks, buffer, peer, default));

    public void Recv(int peer, ChunkRange chunks, BufferId buffer = default) => Add(new(Operation.Recv, chunks, buffer, peer, default));

    public void RecvReduce(int peer, ChunkRange chunks, BufferId buffer = default) => Add(new(Operation.RecvReduce, chunks, buffer, peer, default));

    public void Copy(BufferId from, BufferId to, ChunkRange chunks) => Add(new(Operation.Copy, chunks, to, -1, from));

    public void Reduce(BufferId from, BufferId into, ChunkRange chunks) => Add(new(Operation.Reduce, chunks, into, -1, from));

    public void Add(Instruction instruction) => program.Add(builder, position, instruction);
}
