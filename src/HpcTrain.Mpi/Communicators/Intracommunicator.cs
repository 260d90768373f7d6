namespace HpcTrain.Mpi;

/// <summary>
/// A communicator of one group, with collective calls. A collective is called by every rank of the communicator, in the
/// same order; the vendor's own algorithms carry it out (HpcTrain.Collectives plans its own).
/// </summary>
public sealed unsafe partial class Intracommunicator : Communicator
{
    internal Intracommunicator(nint handle, bool predefined)
        : base(handle, predefined)
    {
    }

    /// <summary>
    /// The node's communicator for shared windows needs the handle; so does anyone who calls MPI by other means.
    /// It stays owned by this object.
    /// </summary>
    internal nint Handle => Live;

    /// <summary>Makes a communicator of the same ranks, whose messages and collectives cannot meet this one's. Collective.</summary>
    /// <returns>The new communicator, to be disposed by the caller on every rank.</returns>
    public Intracommunicator Duplicate()
    {
        nint result = 0;
        MpiGuard.Check(MpiCalls.CommDup(Live, &result), "MPI_Comm_dup");
        return new Intracommunicator(result, predefined: false);
    }

    /// <summary>Splits the ranks into groups of equal color. Collective.</summary>
    /// <param name="color">0 or more; ranks with the same color come together. <see cref="NoColor"/> to join none.</param>
    /// <param name="key">Orders the ranks of a group; ties by rank here.</param>
    /// <returns>This rank's group, to be disposed by the caller; null if it joined none.</returns>
    public Intracommunicator? Split(int color, int key = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(color, NoColor);
        var native = color == NoColor ? MpiCalls.Abi.Undefined : color;
        nint result = 0;
        MpiGuard.Check(MpiCalls.CommSplit(Live, native, key, &result), "MPI_Comm_split");
        return color == NoColor ? null : new Intracommunicator(result, predefined: false);
    }

    /// <summary>The color of a rank that joins no group in <see cref="Split"/>.</summary>
    public const int NoColor = -1;

    /// <summary>Splits the ranks into groups that can share memory: one per node. Collective.</summary>
    /// <param name="key">Orders the ranks of a group; ties by rank here.</param>
    /// <returns>The ranks of this node, to be disposed by the caller.</returns>
    public Intracommunicator SplitShared(int key = 0)
    {
        nint result = 0;
        MpiGuard.Check(MpiCalls.CommSplitType(Live, MpiCalls.Abi.CommTypeShared, key, MpiCalls.Abi[MpiHandle.InfoNull], &result),
            "MPI_Comm_split_type");
        return new Intracommunicator(result, predefined: false);
    }
}
