namespace HpcTrain.Mpi;

/// <summary>
/// A nonblocking operation under way. It is the library's handle and nothing more: no allocation, no finalizer. Complete
/// every request exactly once, by <see cref="Wait"/>, by a <see cref="Test(out Status)"/> that returns true, or in a
/// <see cref="RequestList"/>; after that it is empty. Being a struct, a copy does not learn that the original completed:
/// keep one, in a variable that is not readonly. The memory of the operation must stay in place until then, so it is native
/// memory or pinned.
/// </summary>
public unsafe struct Request
{
    private nint _handle;

    internal Request(nint handle) => _handle = handle;

    /// <summary>True if there is nothing to wait for: never started, or already completed.</summary>
    public readonly bool IsEmpty => _handle == 0 || _handle == MpiCalls.Abi.RequestNull;

    /// <summary>The native handle; 0 in a default value.</summary>
    internal readonly nint Handle => _handle;

    /// <summary>Waits until the operation is complete. An empty request is complete.</summary>
    /// <returns>For a receive, what it matched.</returns>
    /// <exception cref="MpiException">The operation failed.</exception>
    public Status Wait()
    {
        MpiGuard.RequireUsable("MPI_Wait");
        Status status = default;
        if (YieldingWait.Needed)
        {
            while (!Test(out status))
                Thread.Yield();
            return status;
        }

        var handle = _handle;
        if (handle == 0)
            return status;
        var code = MpiCalls.Wait(&handle, &status);
        _handle = handle;
        MpiGuard.Check(code, "MPI_Wait");
        return status;
    }

    /// <summary>Asks whether the operation is complete, and moves MPI's own work on. An empty request is complete.</summary>
    /// <param name="status">For a receive that is complete, what it matched.</param>
    /// <returns>True if it is complete; the request is then empty.</returns>
    /// <exception cref="MpiException">The operation failed.</exception>
    public bool Test(out Status status)
    {
        MpiGuard.RequireUsable("MPI_Test");
        Status found = default;
        var flag = 1;
        var handle = _handle;
        if (handle != 0)
        {
            var code = MpiCalls.Test(&handle, &flag, &found);
            _handle = handle;
            MpiGuard.Check(code, "MPI_Test");
        }

        status = found;
        return flag != 0;
    }

    /// <summary>Asks whether the operation is complete, and moves MPI's own work on. An empty request is complete.</summary>
    /// <returns>True if it is complete; the request is then empty.</returns>
    /// <exception cref="MpiException">The operation failed.</exception>
    public bool Test() => Test(out _);

    /// <summary>
    /// Asks MPI to give up a receive that has not matched. The request must still be completed;
    /// <see cref="Status.IsCancelled"/> then says whether it was given up.
    /// </summary>
    public readonly void Cancel()
    {
        MpiGuard.RequireUsable("MPI_Cancel");
        var handle = _handle;
        if (!IsEmpty)
            MpiGuard.Check(MpiCalls.Cancel(&handle), "MPI_Cancel");
    }
}
