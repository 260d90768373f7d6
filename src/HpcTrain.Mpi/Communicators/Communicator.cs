using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace HpcTrain.Mpi;

/// <summary>
/// A group of ranks and a channel of its own between them: messages of one communicator never match receives of another.
/// This class holds the rank, the size and the point-to-point calls; <see cref="Intracommunicator"/> adds the collective
/// ones. Which threads may call is what <see cref="MpiEnvironment.ThreadLevel"/> says. Every call throws
/// <see cref="MpiException"/> if MPI reports an error, or before initialisation or after finalisation.
/// </summary>
public abstract partial class Communicator : IDisposable
{
    private readonly bool _predefined;
    private nint _handle;

    private protected unsafe Communicator(nint handle, bool predefined)
    {
        _handle = handle;
        _predefined = predefined;

        // Errors come back as codes, never as the library's own abort. Children inherit this, but not by every library's book.
        MpiGuard.Check(MpiCalls.CommSetErrhandler(handle, MpiCalls.Abi[MpiHandle.ErrorsReturn]), "MPI_Comm_set_errhandler");
        int rank, size;
        MpiGuard.Check(MpiCalls.CommRank(handle, &rank), "MPI_Comm_rank");
        MpiGuard.Check(MpiCalls.CommSize(handle, &size), "MPI_Comm_size");
        Rank = rank;
        Size = size;
    }

    /// <summary>Matches a message from any rank; the value differs between libraries.</summary>
    public static int AnySource
    {
        get
        {
            RequireLoaded();
            return MpiCalls.Abi.AnySource;
        }
    }

    /// <summary>Matches a message with any tag; the value differs between libraries.</summary>
    public static int AnyTag
    {
        get
        {
            RequireLoaded();
            return MpiCalls.Abi.AnyTag;
        }
    }

    /// <summary>The rank that is nobody: sends to it and receives from it complete at once and move nothing.</summary>
    public static int ProcessNull
    {
        get
        {
            RequireLoaded();
            return MpiCalls.Abi.ProcNull;
        }
    }

    /// <summary>This process's rank in the communicator, 0 to <see cref="Size"/> - 1.</summary>
    public int Rank { get; }

    /// <summary>The number of ranks.</summary>
    public int Size { get; }

    /// <summary>The largest tag that a message may carry; at least 32767.</summary>
    public unsafe int MaxTag
    {
        get
        {
            // The attribute is a pointer to the value, not the value.
            int* value;
            int found;
            MpiGuard.Check(MpiCalls.CommGetAttr(Live, MpiCalls.Abi.TagUpperBoundKey, &value, &found), "MPI_Comm_get_attr");
            return found != 0 ? *value : 32767;
        }
    }

    /// <summary>The native handle of a communicator that can be used; throws otherwise.</summary>
    private protected nint Live
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_handle == 0 || !MpiGuard.Usable)
                ThrowDead();
            return _handle;
        }
    }

    /// <summary>
    /// Frees the communicator: a collective call, which every rank of it must make. Does nothing for the world and self, and
    /// after MPI has been finalized. Operations under way complete first.
    /// </summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the communicator once.</summary>
    /// <param name="disposing">Always true: a finalizer could not make a collective call.</param>
    protected virtual unsafe void Dispose(bool disposing)
    {
        if (_predefined || _handle == 0)
            return;
        var handle = _handle;
        _handle = 0;
        if (MpiGuard.Usable)
            MpiGuard.Check(MpiCalls.CommFree(&handle), "MPI_Comm_free");
    }

    private static void RequireLoaded()
    {
        if (MpiLibrary.Active is null)
            MpiGuard.ThrowUnusable("Communicator");
    }

    [DoesNotReturn]
    private void ThrowDead()
    {
        MpiGuard.RequireUsable(GetType().Name);
        throw new MpiException(
            $"a communicator of {Size} ranks was used on rank {MpiGuard.Rank} after it was disposed: dispose it after its last use.",
            GetType().Name, MpiGuard.Rank);
    }
}
