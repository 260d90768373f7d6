namespace HpcTrain.Mpi;

/// <summary>
/// The constants of one MPI binary interface as plain data: what a C program would get from that library's mpi.h.
/// Nothing here touches a library, so the table of an interface that is not installed is tested like the others.
/// </summary>
internal sealed record MpiAbiTable
{
    public required MpiFlavor Flavor { get; init; }

    /// <summary>Bytes of one handle in an array of handles (requests).</summary>
    public required int HandleSize { get; init; }

    public required int StatusSize { get; init; }

    public required int StatusSourceOffset { get; init; }

    public required int StatusTagOffset { get; init; }

    public required int StatusErrorOffset { get; init; }

    public required nint InPlace { get; init; }

    public required nint StatusIgnore { get; init; }

    public required int AnySource { get; init; }

    public required int AnyTag { get; init; }

    public required int ProcNull { get; init; }

    public required int Root { get; init; }

    public required int Undefined { get; init; }

    public required int CommTypeShared { get; init; }

    /// <summary>The values of MPI_THREAD_SINGLE to MPI_THREAD_MULTIPLE, indexed by <see cref="ThreadLevel"/>.</summary>
    public required IReadOnlyList<int> ThreadLevels { get; init; }

    public required int ErrTruncate { get; init; }

    public required int ErrInStatus { get; init; }

    public required int ErrPending { get; init; }

    public required int TagUpperBoundKey { get; init; }

    public required int MaxProcessorName { get; init; }

    public required int MaxLibraryVersion { get; init; }

    public required int MaxErrorString { get; init; }

    /// <summary>Handles that are numbers; null where they are addresses (<see cref="HandleSymbols"/>).</summary>
    public IReadOnlyDictionary<MpiHandle, long>? HandleValues { get; init; }

    /// <summary>Handles that are addresses of exported objects; null where they are numbers.</summary>
    public IReadOnlyDictionary<MpiHandle, string>? HandleSymbols { get; init; }

    public static MpiAbiTable Of(MpiFlavor flavor) => flavor switch
    {
        MpiFlavor.OpenMpi => OpenMpiAbi.Table,
        MpiFlavor.Mpich => MpichAbi.Table,
        MpiFlavor.StandardAbi => StandardAbi.Table,
        _ => throw new ArgumentOutOfRangeException(nameof(flavor), flavor, "not an MPI flavour"),
    };
}
