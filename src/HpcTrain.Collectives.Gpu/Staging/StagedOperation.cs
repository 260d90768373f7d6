namespace HpcTrain.Collectives.Gpu.Staging;

/// <summary>A call that is under way in pieces.</summary>
internal sealed class StagedOperation(in CollectiveCall call, CollectiveOptions options, PieceLayout layout)
{
    /// <summary>The call, with addresses of the device.</summary>
    public CollectiveCall Call { get; } = call;

    /// <summary>How each piece is done.</summary>
    public CollectiveOptions Options => options;

    public PieceLayout Layout => layout;

    /// <summary>The pieces that have been started.</summary>
    public int Started { get; set; }

    /// <summary>The pieces whose results are on the device.</summary>
    public int Done { get; set; }

    /// <summary>What ran, all pieces so far together.</summary>
    public CollectiveResult Result { get; set; }

    public bool IsDone => Done == layout.Pieces;
}
