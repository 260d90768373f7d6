using System.Collections.Immutable;

namespace HpcTrain.Pipelines;

/// <summary>
/// A pipeline-parallel step as data: for each rank a list of actions. A schedule is made by a generator or read from a file; it is checked, printed, drawn,
/// simulated and run, and never changes.
/// </summary>
/// <remarks>
/// <para>The model is cut into chunks, numbered along it from 0; <see cref="Placement"/> says which rank has which. A pipeline without interleaving has one chunk per
/// rank. Between neighbouring chunks on different ranks activations and gradients travel as messages, named by direction, chunk and micro-batch; between neighbours on
/// the same rank nothing is sent.</para>
/// <para>Actions of a rank take effect in the order of its list. Messages that stand together, with no computation or reduction between them, are an
/// <em>exchange</em>: all of them start together, and what follows starts when all have ended. That is the strict reading, under which
/// <see cref="PipelineChecker"/> proves that nothing waits for ever. A runtime may start receives earlier and wait later for sends, which only takes away waits.</para>
/// </remarks>
public sealed class PipelineSchedule
{
    /// <summary>Creates a schedule. Its form is checked here, what it does by <see cref="PipelineChecker"/>.</summary>
    /// <param name="name">The name of the generator; what results report.</param>
    /// <param name="purpose">What it achieves.</param>
    /// <param name="microBatches">The number of micro-batches; at least 1.</param>
    /// <param name="placement">The rank of each chunk; every rank has at least one.</param>
    /// <param name="programs">The actions of each rank.</param>
    /// <exception cref="PipelineException">The parts do not fit together.</exception>
    public PipelineSchedule(
        string name, PipelinePurpose purpose, int microBatches, ImmutableArray<int> placement, ImmutableArray<ImmutableArray<PipelineAction>> programs)
    {
        (Name, Purpose, MicroBatches, Placement, Programs) = (name, purpose, microBatches, placement, programs);
        if (programs.IsDefaultOrEmpty)
            throw new PipelineException($"Schedule '{name}' has no programs; it needs one for each rank.");
        if (microBatches < 1)
            throw new PipelineException($"Schedule '{name}' has {microBatches} micro-batches; it needs at least one.");
        for (int chunk = 0; chunk < placement.Length; chunk++)
        {
            if ((uint)placement[chunk] >= (uint)programs.Length)
                throw new PipelineException($"Schedule '{name}' places chunk {chunk} on rank {placement[chunk]}; ranks are numbered from 0 to {programs.Length - 1}.");
        }

        ILookup<int, int> chunks = Enumerable.Range(0, placement.Length).ToLookup(chunk => placement[chunk]);
        ChunksOf = [.. Enumerable.Range(0, programs.Length).Select(rank => chunks[rank].ToImmutableArray())];
        int idle = ChunksOf.IndexOf(ChunksOf.FirstOrDefault(chunks => chunks.IsEmpty, ChunksOf[0]));
        if (ChunksOf[idle].IsEmpty)
            throw new PipelineException($"Schedule '{name}' places no chunk on rank {idle}; every rank needs one.");
    }

    /// <summary>The name of the generator that made it.</summary>
    public string Name { get; }

    /// <summary>What it achieves.</summary>
    public PipelinePurpose Purpose { get; }

    /// <summary>The number of ranks.</summary>
    public int Stages => Programs.Length;

    /// <summary>The number of micro-batches.</summary>
    public int MicroBatches { get; }

    /// <summary>The number of chunks of the model.</summary>
    public int Chunks => Placement.Length;

    /// <summary>The rank of each chunk.</summary>
    public ImmutableArray<int> Placement { get; }

    /// <summary>The chunks of each rank, in their order along the model.</summary>
    public ImmutableArray<ImmutableArray<int>> ChunksOf { get; }

    /// <summary>What each rank does.</summary>
    public ImmutableArray<ImmutableArray<PipelineAction>> Programs { get; }

    /// <summary>The placement of a loop: chunk c is on rank c modulo the number of stages.</summary>
    public static ImmutableArray<int> Loop(int stages, int chunksPerRank) =>
        [.. Enumerable.Range(0, stages * chunksPerRank).Select(chunk => chunk % stages)];

    /// <summary>The chunk at the other end of a message.</summary>
    /// <param name="message">An action for which <see cref="ActionKinds.IsMessage"/> is true.</param>
    public static int PeerChunk(PipelineAction message) =>
        message.Kind is ActionKind.SendActivation or ActionKind.ReceiveGradient ? message.Chunk + 1 : message.Chunk - 1;

    /// <summary>The other end of a message, as the peer's program names it.</summary>
    /// <inheritdoc cref="PeerChunk" path="/param"/>
    public static PipelineAction OtherEnd(PipelineAction message) => message with
    {
        Kind = message.Kind switch
        {
            ActionKind.SendActivation => ActionKind.ReceiveActivation,
            ActionKind.ReceiveActivation => ActionKind.SendActivation,
            ActionKind.SendGradient => ActionKind.ReceiveGradient,
            ActionKind.ReceiveGradient => ActionKind.SendGradient,
            _ => throw new ArgumentException($"{message} is not a message.", nameof(message)),
        },
        Chunk = PeerChunk(message),
    };

    /// <summary>The rank at the other end of a message; -1 where the model ends.</summary>
    /// <inheritdoc cref="PeerChunk" path="/param"/>
    public int Peer(PipelineAction message) => PeerChunk(message) is var chunk && (uint)chunk < (uint)Chunks ? Placement[chunk] : -1;

    /// <summary>
    /// The channel of a message, the same at both ends: 2c for the activations from chunk c to chunk c+1, 2c+1 for the gradients that come back. Messages of a
    /// channel come in one order, so it may be a tag.
    /// </summary>
    /// <inheritdoc cref="PeerChunk" path="/param"/>
    public static int Channel(PipelineAction message) => (2 * Math.Min(message.Chunk, PeerChunk(message))) + (message.Kind.IsActivation() ? 0 : 1);

    /// <summary>Whether messages travel between a chunk and the next one: they exist and are on different ranks.</summary>
    /// <param name="chunk">The first of the two; -1 for the beginning of the model.</param>
    public bool IsBoundary(int chunk) => chunk >= 0 && chunk + 1 < Chunks && Placement[chunk] != Placement[chunk + 1];

    /// <summary>The schedule in one line, for example <c>1f1b: 4 stages, 8 micro-batches</c>.</summary>
    public override string ToString()
    {
        string chunks = Chunks == Stages ? "" : $", {PipelineSpec.Count(Chunks, "chunk")}";
        return $"{Name}: {PipelineSpec.Count(Stages, "stage")}{chunks}, {PipelineSpec.Count(MicroBatches, "micro-batch")}";
    }
}
