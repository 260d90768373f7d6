namespace HpcTrain.Benchmarking;

/// <summary>What memory our collectives work on. A peer's is always ordinary.</summary>
public enum BufferKind
{
    /// <summary>Allocated through the communicator: the ranks of a node see each other's.</summary>
    Communicator,

    /// <summary>Native memory that nobody was told of.</summary>
    Ordinary,
}
