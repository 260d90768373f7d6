using System.Diagnostics.CodeAnalysis;

namespace HpcTrain.Mpi;

/// <summary>
/// Memory that all ranks of one node read and write directly. Each rank contributes a segment, which its own core should touch
/// first (segments are placed apart, so that each can lie in its rank's NUMA domain). MPI passes no data: order writes
/// before reads with <see cref="Sync"/> and a barrier or message:
/// <c>write; window.Sync(); node.Barrier(); window.Sync(); read</c>.
/// The window is open to all ranks (a passive epoch) from allocation to disposal.
/// </summary>
public sealed unsafe class SharedWindow : IDisposable
{
    // A cache line: Open MPI's segments start 8 bytes behind one.
    private const nint Alignment = 64;

    private readonly nint[] _addresses;
    private readonly long[] _sizes;
    private readonly int _rank;
    private nint _window;

    private SharedWindow(nint window, int rank, nint[] addresses, long[] sizes)
    {
        _window = window;
        _rank = rank;
        _addresses = addresses;
        _sizes = sizes;
    }

    /// <summary>Allocates a window. Collective over the node; sizes may differ between ranks.</summary>
    /// <param name="node">Ranks that can share memory, from <see cref="Intracommunicator.SplitShared"/>.</param>
    /// <param name="bytes">Size of this rank's segment in bytes; may be 0.</param>
    /// <returns>The window, to be disposed on every rank.</returns>
    /// <exception cref="MpiException">The ranks do not share memory, or there is not enough of it.</exception>
    public static SharedWindow Allocate(Intracommunicator node, long bytes)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        nint info = 0, window = 0, mine = 0;
        MpiGuard.RequireUsable("MPI_Win_allocate_shared");
        MpiGuard.Check(MpiCalls.InfoCreate(&info), "MPI_Info_create");
        try
        {
            fixed (byte* key = "alloc_shared_noncontig"u8)
            fixed (byte* value = "true"u8)
                MpiGuard.Check(MpiCalls.InfoSet(info, key, value), "MPI_Info_set");
            MpiGuard.Check(MpiCalls.WinAllocateShared(checked((nint)bytes + Alignment), 1, info, node.Handle, &mine, &window),
                "MPI_Win_allocate_shared");
        }
        finally
        {
            _ = MpiCalls.InfoFree(&info);
        }

        MpiGuard.Check(MpiCalls.WinSetErrhandler(window, MpiCalls.Abi[MpiHandle.ErrorsReturn]), "MPI_Win_set_errhandler");
        var addresses = new nint[node.Size];
        for (var rank = 0; rank < node.Size; rank++)
        {
            nint size = 0, address = 0;
            int unit;
            MpiGuard.Check(MpiCalls.WinSharedQuery(window, rank, &size, &unit, &address), "MPI_Win_shared_query");

            // Every process maps whole pages, so what is aligned in one is aligned in all, at the same place.
            addresses[rank] = (address + Alignment - 1) & -Alignment;
        }

        // Open MPI answers the query with whole pages, so the sizes come from the ranks.
        var sizes = node.AllGather(bytes);

        MpiGuard.Check(MpiCalls.WinLockAll(0, window), "MPI_Win_lock_all");
        return new SharedWindow(window, node.Rank, addresses, sizes);
    }

    /// <summary>Where a rank's segment begins in this process, on a cache line; valid until the window is disposed.</summary>
    /// <param name="rank">Rank in the node's communicator.</param>
    /// <returns>The address; meaningless if the segment is empty.</returns>
    public nint Address(int rank)
    {
        if (_window == 0)
            ThrowDisposed();
        return _addresses[rank];
    }

    /// <summary>The size of a rank's segment, as that rank asked for it.</summary>
    /// <param name="rank">Rank in the node's communicator.</param>
    /// <returns>Bytes.</returns>
    public long Size(int rank) => _sizes[rank];

    /// <summary>A rank's segment as a span; valid until the window is disposed.</summary>
    /// <typeparam name="T">Any unmanaged type.</typeparam>
    /// <param name="rank">Rank in the node's communicator.</param>
    /// <returns>The elements that fit into the segment.</returns>
    public Span<T> Segment<T>(int rank)
        where T : unmanaged =>
        new((void*)Address(rank), checked((int)(_sizes[rank] / sizeof(T))));

    /// <summary>
    /// A memory barrier of the window: what this rank wrote becomes visible to ranks that synchronise with it later, and what
    /// others wrote before becomes visible here. It does not wait for anyone.
    /// </summary>
    public void Sync()
    {
        if (_window == 0 || !MpiGuard.Usable)
            ThrowDisposed();
        MpiGuard.Check(MpiCalls.WinSync(_window), "MPI_Win_sync");
    }

    /// <summary>Frees the memory. Collective over the node; does nothing after MPI has been finalized.</summary>
    public void Dispose()
    {
        if (_window == 0)
            return;
        var window = _window;
        _window = 0;
        if (!MpiGuard.Usable)
            return;
        MpiGuard.Check(MpiCalls.WinUnlockAll(window), "MPI_Win_unlock_all");
        MpiGuard.Check(MpiCalls.WinFree(&window), "MPI_Win_free");
    }

    [DoesNotReturn]
    private void ThrowDisposed()
    {
        MpiGuard.RequireUsable("SharedWindow");
        throw new MpiException($"a shared window was used on rank {_rank} of its node after it was disposed: dispose it after its last use.",
            "SharedWindow", MpiGuard.Rank);
    }
}
