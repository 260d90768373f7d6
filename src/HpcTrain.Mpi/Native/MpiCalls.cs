namespace HpcTrain.Mpi;

/// <summary>
/// The table of MPI entry points, bound once to <see cref="MpiLibrary.Active"/>. Static readonly, so that optimised code
/// calls the library's function directly, with the runtime's GC transition and nothing else: an MPI call may run its
/// progress engine, or wait, for any length of time, so suppressing the transition is never safe here.
///
/// One signature serves all ABIs. Handles travel as nint: a callee that wants a 32-bit handle reads the low half of the
/// register. Counts travel as long for the same reason: they reach the <c>_c</c> entry point where the library has them
/// all, and the 32-bit one otherwise, for which <see cref="CountedType"/> keeps every count below 2^31.
/// An out-handle must be zeroed first, because a 32-bit library writes half of it.
/// </summary>
internal static unsafe class MpiCalls
{
    private static readonly MpiLibrary Library = MpiLibrary.Active
        ?? throw new InvalidOperationException("MpiCalls was touched before an MPI library was loaded.");

    public static readonly MpiAbi Abi = Library.Abi;

    /// <summary>True if counts of 64 bits reach the library as they are.</summary>
    public static readonly bool HasLargeCounts = CountedFunctions.All(name => Library.ExportOrZero(name + "_c") != 0);

    // Environment
    public static readonly delegate* unmanaged<int*, byte***, int, int*, int> InitThread =
        (delegate* unmanaged<int*, byte***, int, int*, int>)Export("MPI_Init_thread");
    public static readonly delegate* unmanaged<int*, int> Initialized = (delegate* unmanaged<int*, int>)Export("MPI_Initialized");
    public static readonly delegate* unmanaged<int*, int> Finalized = (delegate* unmanaged<int*, int>)Export("MPI_Finalized");
    public static readonly delegate* unmanaged<int> FinalizeMpi = (delegate* unmanaged<int>)Export("MPI_Finalize");
    public static readonly delegate* unmanaged<nint, int, int> Abort = (delegate* unmanaged<nint, int, int>)Export("MPI_Abort");
    public static readonly delegate* unmanaged<byte*, int*, int> GetProcessorName =
        (delegate* unmanaged<byte*, int*, int>)Export("MPI_Get_processor_name");
    public static readonly delegate* unmanaged<int, byte*, int*, int> ErrorString =
        (delegate* unmanaged<int, byte*, int*, int>)Export("MPI_Error_string");
    public static readonly delegate* unmanaged<int, int*, int> ErrorClass =
        (delegate* unmanaged<int, int*, int>)Export("MPI_Error_class");
    public static readonly delegate* unmanaged<double> Wtime = (delegate* unmanaged<double>)Export("MPI_Wtime");

    // Communicators
    public static readonly delegate* unmanaged<nint, int*, int> CommSize =
        (delegate* unmanaged<nint, int*, int>)Export("MPI_Comm_size");
    public static readonly delegate* unmanaged<nint, int*, int> CommRank =
        (delegate* unmanaged<nint, int*, int>)Export("MPI_Comm_rank");
    public static readonly delegate* unmanaged<nint, nint*, int> CommDup =
        (delegate* unmanaged<nint, nint*, int>)Export("MPI_Comm_dup");
    public static readonly delegate* unmanaged<nint, int, int, nint*, int> CommSplit =
        (delegate* unmanaged<nint, int, int, nint*, int>)Export("MPI_Comm_split");
    public static readonly delegate* unmanaged<nint, int, int, nint, nint*, int> CommSplitType =
        (delegate* unmanaged<nint, int, int, nint, nint*, int>)Export("MPI_Comm_split_type");
    public static readonly delegate* unmanaged<nint*, int> CommFree = (delegate* unmanaged<nint*, int>)Export("MPI_Comm_free");
    public static readonly delegate* unmanaged<nint, nint, int> CommSetErrhandler =
        (delegate* unmanaged<nint, nint, int>)Export("MPI_Comm_set_errhandler");
    public static readonly delegate* unmanaged<nint, int, void*, int*, int> CommGetAttr =
        (delegate* unmanaged<nint, int, void*, int*, int>)Export("MPI_Comm_get_attr");

    // Point-to-point
    public static readonly delegate* unmanaged<void*, long, nint, int, int, nint, int> Send =
        (delegate* unmanaged<void*, long, nint, int, int, nint, int>)Counted("MPI_Send");
    public static readonly delegate* unmanaged<void*, long, nint, int, int, nint, Status*, int> Recv =
        (delegate* unmanaged<void*, long, nint, int, int, nint, Status*, int>)Counted("MPI_Recv");
    public static readonly delegate* unmanaged<void*, long, nint, int, int, nint, nint*, int> Isend =
        (delegate* unmanaged<void*, long, nint, int, int, nint, nint*, int>)Counted("MPI_Isend");
    public static readonly delegate* unmanaged<void*, long, nint, int, int, nint, nint*, int> Issend =
        (delegate* unmanaged<void*, long, nint, int, int, nint, nint*, int>)Counted("MPI_Issend");
    public static readonly delegate* unmanaged<void*, long, nint, int, int, nint, nint*, int> Irecv =
        (delegate* unmanaged<void*, long, nint, int, int, nint, nint*, int>)Counted("MPI_Irecv");
    public static readonly delegate* unmanaged<void*, long, nint, int, int, void*, long, nint, int, int, nint, Status*, int> Sendrecv =
        (delegate* unmanaged<void*, long, nint, int, int, void*, long, nint, int, int, nint, Status*, int>)Counted("MPI_Sendrecv");
    public static readonly delegate* unmanaged<int, int, nint, Status*, int> Probe =
        (delegate* unmanaged<int, int, nint, Status*, int>)Export("MPI_Probe");
    public static readonly delegate* unmanaged<int, int, nint, int*, Status*, int> Iprobe =
        (delegate* unmanaged<int, int, nint, int*, Status*, int>)Export("MPI_Iprobe");
    public static readonly delegate* unmanaged<Status*, nint, long*, int> GetElements =
        (delegate* unmanaged<Status*, nint, long*, int>)ExportFirst("MPI_Get_elements_c", "MPI_Get_elements_x");

    // Completion
    public static readonly delegate* unmanaged<nint*, Status*, int> Wait =
        (delegate* unmanaged<nint*, Status*, int>)Export("MPI_Wait");
    public static readonly delegate* unmanaged<nint*, int*, Status*, int> Test =
        (delegate* unmanaged<nint*, int*, Status*, int>)Export("MPI_Test");
    public static readonly delegate* unmanaged<int, void*, void*, int> Waitall =
        (delegate* unmanaged<int, void*, void*, int>)Export("MPI_Waitall");
    public static readonly delegate* unmanaged<int, void*, int*, void*, int> Testall =
        (delegate* unmanaged<int, void*, int*, void*, int>)Export("MPI_Testall");
    public static readonly delegate* unmanaged<int, void*, int*, Status*, int> Waitany =
        (delegate* unmanaged<int, void*, int*, Status*, int>)Export("MPI_Waitany");
    public static readonly delegate* unmanaged<int, void*, int*, int*, Status*, int> Testany =
        (delegate* unmanaged<int, void*, int*, int*, Status*, int>)Export("MPI_Testany");
    public static readonly delegate* unmanaged<int, void*, int*, int*, void*, int> Waitsome =
        (delegate* unmanaged<int, void*, int*, int*, void*, int>)Export("MPI_Waitsome");
    public static readonly delegate* unmanaged<int, void*, int*, int*, void*, int> Testsome =
        (delegate* unmanaged<int, void*, int*, int*, void*, int>)Export("MPI_Testsome");
    public static readonly delegate* unmanaged<nint*, int> Cancel = (delegate* unmanaged<nint*, int>)Export("MPI_Cancel");
    public static readonly delegate* unmanaged<Status*, int*, int> TestCancelled =
        (delegate* unmanaged<Status*, int*, int>)Export("MPI_Test_cancelled");

    // Collectives; each nonblocking form has one more argument, the request.
    public static readonly delegate* unmanaged<nint, int> Barrier = (delegate* unmanaged<nint, int>)Export("MPI_Barrier");
    public static readonly delegate* unmanaged<nint, nint*, int> Ibarrier =
        (delegate* unmanaged<nint, nint*, int>)Export("MPI_Ibarrier");
    public static readonly delegate* unmanaged<void*, long, nint, int, nint, int> Bcast =
        (delegate* unmanaged<void*, long, nint, int, nint, int>)Counted("MPI_Bcast");
    public static readonly delegate* unmanaged<void*, long, nint, int, nint, nint*, int> Ibcast =
        (delegate* unmanaged<void*, long, nint, int, nint, nint*, int>)Counted("MPI_Ibcast");
    public static readonly delegate* unmanaged<void*, void*, long, nint, nint, nint, int> Allreduce =
        (delegate* unmanaged<void*, void*, long, nint, nint, nint, int>)Counted("MPI_Allreduce");
    public static readonly delegate* unmanaged<void*, void*, long, nint, nint, nint, nint*, int> Iallreduce =
        (delegate* unmanaged<void*, void*, long, nint, nint, nint, nint*, int>)Counted("MPI_Iallreduce");
    public static readonly delegate* unmanaged<void*, void*, long, nint, nint, int, nint, int> Reduce =
        (delegate* unmanaged<void*, void*, long, nint, nint, int, nint, int>)Counted("MPI_Reduce");
    public static readonly delegate* unmanaged<void*, void*, long, nint, nint, int, nint, nint*, int> Ireduce =
        (delegate* unmanaged<void*, void*, long, nint, nint, int, nint, nint*, int>)Counted("MPI_Ireduce");
    public static readonly delegate* unmanaged<void*, void*, long, nint, nint, nint, int> ReduceScatterBlock =
        (delegate* unmanaged<void*, void*, long, nint, nint, nint, int>)Counted("MPI_Reduce_scatter_block");
    public static readonly delegate* unmanaged<void*, void*, long, nint, nint, nint, nint*, int> IreduceScatterBlock =
        (delegate* unmanaged<void*, void*, long, nint, nint, nint, nint*, int>)Counted("MPI_Ireduce_scatter_block");
    public static readonly delegate* unmanaged<void*, long, nint, void*, long, nint, nint, int> Allgather =
        (delegate* unmanaged<void*, long, nint, void*, long, nint, nint, int>)Counted("MPI_Allgather");
    public static readonly delegate* unmanaged<void*, long, nint, void*, long, nint, nint, nint*, int> Iallgather =
        (delegate* unmanaged<void*, long, nint, void*, long, nint, nint, nint*, int>)Counted("MPI_Iallgather");
    public static readonly delegate* unmanaged<void*, long, nint, void*, long, nint, nint, int> Alltoall =
        (delegate* unmanaged<void*, long, nint, void*, long, nint, nint, int>)Counted("MPI_Alltoall");
    public static readonly delegate* unmanaged<void*, long, nint, void*, long, nint, nint, nint*, int> Ialltoall =
        (delegate* unmanaged<void*, long, nint, void*, long, nint, nint, nint*, int>)Counted("MPI_Ialltoall");
    public static readonly delegate* unmanaged<void*, long, nint, void*, long, nint, int, nint, int> Gather =
        (delegate* unmanaged<void*, long, nint, void*, long, nint, int, nint, int>)Counted("MPI_Gather");
    public static readonly delegate* unmanaged<void*, long, nint, void*, long, nint, int, nint, nint*, int> Igather =
        (delegate* unmanaged<void*, long, nint, void*, long, nint, int, nint, nint*, int>)Counted("MPI_Igather");
    public static readonly delegate* unmanaged<void*, long, nint, void*, long, nint, int, nint, int> Scatter =
        (delegate* unmanaged<void*, long, nint, void*, long, nint, int, nint, int>)Counted("MPI_Scatter");
    public static readonly delegate* unmanaged<void*, long, nint, void*, long, nint, int, nint, nint*, int> Iscatter =
        (delegate* unmanaged<void*, long, nint, void*, long, nint, int, nint, nint*, int>)Counted("MPI_Iscatter");

    // Datatypes and operations, for messages that a 32-bit count cannot describe
    public static readonly delegate* unmanaged<int, nint, nint*, int> TypeContiguous =
        (delegate* unmanaged<int, nint, nint*, int>)Export("MPI_Type_contiguous");
    public static readonly delegate* unmanaged<int, int*, nint*, void*, nint*, int> TypeCreateStruct =
        (delegate* unmanaged<int, int*, nint*, void*, nint*, int>)Export("MPI_Type_create_struct");
    public static readonly delegate* unmanaged<nint*, int> TypeCommit = (delegate* unmanaged<nint*, int>)Export("MPI_Type_commit");
    public static readonly delegate* unmanaged<nint*, int> TypeFree = (delegate* unmanaged<nint*, int>)Export("MPI_Type_free");
    public static readonly delegate* unmanaged<nint, long*, int> TypeSize =
        (delegate* unmanaged<nint, long*, int>)ExportFirst("MPI_Type_size_c", "MPI_Type_size_x");
    public static readonly delegate* unmanaged<delegate* unmanaged<void*, void*, int*, void*, void>, int, nint*, int> OpCreate =
        (delegate* unmanaged<delegate* unmanaged<void*, void*, int*, void*, void>, int, nint*, int>)Export("MPI_Op_create");
    public static readonly delegate* unmanaged<nint*, int> OpFree = (delegate* unmanaged<nint*, int>)Export("MPI_Op_free");
    public static readonly delegate* unmanaged<void*, void*, int, nint, nint, int> ReduceLocal =
        (delegate* unmanaged<void*, void*, int, nint, nint, int>)Export("MPI_Reduce_local");

    // Shared windows
    public static readonly delegate* unmanaged<nint*, int> InfoCreate = (delegate* unmanaged<nint*, int>)Export("MPI_Info_create");
    public static readonly delegate* unmanaged<nint, byte*, byte*, int> InfoSet =
        (delegate* unmanaged<nint, byte*, byte*, int>)Export("MPI_Info_set");
    public static readonly delegate* unmanaged<nint*, int> InfoFree = (delegate* unmanaged<nint*, int>)Export("MPI_Info_free");
    public static readonly delegate* unmanaged<nint, int, nint, nint, void*, nint*, int> WinAllocateShared =
        (delegate* unmanaged<nint, int, nint, nint, void*, nint*, int>)Export("MPI_Win_allocate_shared");
    public static readonly delegate* unmanaged<nint, int, nint*, int*, void*, int> WinSharedQuery =
        (delegate* unmanaged<nint, int, nint*, int*, void*, int>)Export("MPI_Win_shared_query");
    public static readonly delegate* unmanaged<nint, nint, int> WinSetErrhandler =
        (delegate* unmanaged<nint, nint, int>)Export("MPI_Win_set_errhandler");
    public static readonly delegate* unmanaged<int, nint, int> WinLockAll =
        (delegate* unmanaged<int, nint, int>)Export("MPI_Win_lock_all");
    public static readonly delegate* unmanaged<nint, int> WinUnlockAll =
        (delegate* unmanaged<nint, int>)Export("MPI_Win_unlock_all");
    public static readonly delegate* unmanaged<nint, int> WinSync = (delegate* unmanaged<nint, int>)Export("MPI_Win_sync");
    public static readonly delegate* unmanaged<nint*, int> WinFree = (delegate* unmanaged<nint*, int>)Export("MPI_Win_free");

    /// <summary>The functions whose counts may be 64 bits wide; the library must have all of them or none is used.</summary>
    private static IEnumerable<string> CountedFunctions =>
    [
        "MPI_Send", "MPI_Recv", "MPI_Isend", "MPI_Issend", "MPI_Irecv", "MPI_Sendrecv",
        .. new[]
        {
            "bcast", "allreduce", "reduce", "reduce_scatter_block", "allgather", "alltoall", "gather", "scatter",
        }.SelectMany(name => new[] { $"MPI_{char.ToUpperInvariant(name[0])}{name[1..]}", $"MPI_I{name}" }),
    ];

    private static nint Export(string name) => Library.Export(name);

    private static nint Counted(string name) => Library.Export(HasLargeCounts ? name + "_c" : name);

    private static nint ExportFirst(string name, string fallback) =>
        Library.ExportOrZero(name) is var address and not 0 ? address : Library.Export(fallback);
}
