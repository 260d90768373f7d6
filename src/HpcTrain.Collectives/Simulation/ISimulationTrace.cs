namespace HpcTrain.Collectives.Simulation;

/// <summary>Is told what happens in a simulation, while it happens. Times are seconds from the start.</summary>
public interface ISimulationTrace
{
    /// <summary>A message passes a link. Nobody is told of acknowledgements.</summary>
    /// <param name="link">The link's position in <see cref="Topology.LinkGraph.Links"/>.</param>
    /// <param name="message">What passes.</param>
    /// <param name="start">When the link takes its first byte.</param>
    /// <param name="end">When the link has taken its last byte at its own speed and is free for others.</param>
    void OnLink(int link, in SimulatedMessage message, double start, double end);

    /// <summary>A message has come whole to its receiver.</summary>
    /// <param name="message">What has come.</param>
    /// <param name="start">When both ends were ready for it.</param>
    /// <param name="end">When its last byte arrived.</param>
    void OnMessage(in SimulatedMessage message, double start, double end);

    /// <summary>A rank's processor reduces or copies a segment.</summary>
    void OnReduce(int rank, int lane, ChunkRange chunks, long bytes, double start, double end);
}

/// <summary>A message: one segment of the chunks of a send and its receive.</summary>
/// <param name="From">The rank that sends.</param>
/// <param name="FromLane">The lane of the send.</param>
/// <param name="To">The rank that receives.</param>
/// <param name="ToLane">The lane of the receive.</param>
/// <param name="Chunks">The chunks that the instructions name; the message carries a part of them.</param>
/// <param name="Bytes">Its length.</param>
public readonly record struct SimulatedMessage(int From, int FromLane, int To, int ToLane, ChunkRange Chunks, long Bytes);
