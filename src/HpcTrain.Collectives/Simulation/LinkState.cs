namespace HpcTrain.Collectives.Simulation;

/// <summary>A link as a server of one segment after the other.</summary>
internal struct LinkState
{
    public double SecondsPerByte;
    public double Latency;

    /// <summary>When everything that has come to it so far is sent.</summary>
    public double Free;
    public double Busy;
    public long Bytes;
    public long Messages;
}

/// <summary>A segment on its way, or the acknowledgement of one.</summary>
internal struct Transit
{
    public int Flow;

    /// <summary>Its next link in <see cref="CompactSchedule.Links"/>.</summary>
    public int Hop;

    /// <summary>Where its links end.</summary>
    public int End;
    public bool IsAcknowledgement;
    public long Bytes;
    public ChunkRange Chunks;
    public double Start;

    /// <summary>When its last byte comes to the next link.</summary>
    public double Tail;
}
