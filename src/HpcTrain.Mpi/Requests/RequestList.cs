using System.Runtime.InteropServices;

namespace HpcTrain.Mpi;

/// <summary>
/// A reusable array of requests in the library's own layout, for waiting on many at once without allocation. A slot
/// whose request completed becomes empty and can be set anew; empty slots are skipped by every wait and test. Not for
/// use by two threads at a time.
/// </summary>
public sealed unsafe class RequestList : IDisposable
{
    private readonly byte* _requests;
    private readonly byte* _statuses;
    private readonly int* _indices;
    private int _freed;

    /// <summary>Makes a list of empty slots; <see cref="Count"/> is 0. MPI must be initialised.</summary>
    /// <param name="capacity">The most requests it can hold.</param>
    public RequestList(int capacity)
    {
        MpiGuard.RequireUsable("RequestList");
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Capacity = capacity;
        var abi = MpiCalls.Abi;

        // One block: statuses (a multiple of 4 bytes each), then requests aligned to 8, then indices.
        var statusBytes = ((capacity * abi.StatusSize) + 7) & ~7;
        var requestBytes = capacity * sizeof(nint);
        _statuses = (byte*)NativeMemory.AllocZeroed((nuint)(statusBytes + requestBytes + (capacity * sizeof(int)) + 8));
        _requests = _statuses + statusBytes;
        _indices = (int*)(_requests + requestBytes);
        for (var i = 0; i < capacity; i++)
            HandleArray.Write(_requests, i, abi.RequestNull);
    }

    /// <summary>Frees the native array if the list was not disposed; the requests in it are not touched.</summary>
    ~RequestList() => Free();

    /// <summary>The most requests that the list can hold.</summary>
    public int Capacity { get; private set; }

    /// <summary>Slots in use, from 0 on, empty ones included.</summary>
    public int Count { get; private set; }

    /// <summary>The request in a slot.</summary>
    /// <param name="slot">0 to <see cref="Count"/> - 1.</param>
    public Request this[int slot]
    {
        get
        {
            CheckSlot(slot);
            return new Request(HandleArray.Read(_requests, slot));
        }

        set
        {
            CheckSlot(slot);
            HandleArray.Write(_requests, slot, value.Handle == 0 ? MpiCalls.Abi.RequestNull : value.Handle);
        }
    }

    /// <summary>Takes a request over into the next slot; the caller's copy must not be completed by itself.</summary>
    /// <param name="request">The request; an empty one takes a slot too.</param>
    /// <returns>The slot.</returns>
    public int Add(Request request)
    {
        if (Count == Capacity)
            throw new InvalidOperationException($"the request list is full ({Capacity} slots): complete and clear it, or make it larger.");
        var slot = Count++;
        this[slot] = request;
        return slot;
    }

    /// <summary>Forgets all slots. Requests that are not complete stay under way and can no longer be waited for.</summary>
    public void Clear() => Count = 0;

    /// <summary>Waits until every request is complete.</summary>
    /// <exception cref="MpiException">One of them failed; the message names its slot.</exception>
    public void WaitAll()
    {
        // Open MPI before 5.0 never returns from MPI_Waitall if one of the requests has failed by then (its wait object
        // waits for a signal that nobody sends). MPI_Testall is sound, moves the same progress engine and yields if told to.
        if (YieldingWait.Needed || MpiCalls.Abi.Flavor == MpiFlavor.OpenMpi)
        {
            while (!TestAll())
            {
                if (YieldingWait.Needed)
                    Thread.Yield();
            }

            return;
        }

        MpiGuard.RequireUsable("MPI_Waitall");
        CheckAll(MpiCalls.Waitall(Count, _requests, _statuses), "MPI_Waitall", Count);
        GC.KeepAlive(this);
    }

    /// <summary>Asks whether every request is complete; if so all become empty, otherwise none does.</summary>
    /// <returns>True if all are complete.</returns>
    /// <exception cref="MpiException">One of them failed; the message names its slot.</exception>
    public bool TestAll()
    {
        MpiGuard.RequireUsable("MPI_Testall");
        int flag;
        CheckAll(MpiCalls.Testall(Count, _requests, &flag, _statuses), "MPI_Testall", Count);
        GC.KeepAlive(this);
        return flag != 0;
    }

    /// <summary>Waits until one request is complete.</summary>
    /// <param name="status">For a receive, what it matched.</param>
    /// <returns>Its slot, or -1 if all slots are empty.</returns>
    /// <exception cref="MpiException">That request failed.</exception>
    public int WaitAny(out Status status)
    {
        if (YieldingWait.Needed)
        {
            int slot;
            while (!TestAny(out slot, out status))
                Thread.Yield();
            return slot;
        }

        MpiGuard.RequireUsable("MPI_Waitany");
        Status found = default;
        int index;
        MpiGuard.Check(MpiCalls.Waitany(Count, _requests, &index, &found), "MPI_Waitany");
        GC.KeepAlive(this);
        status = found;
        return index == MpiCalls.Abi.Undefined ? -1 : index;
    }

    /// <summary>Asks whether one request is complete.</summary>
    /// <param name="slot">Its slot, or -1 if none is complete or all slots are empty.</param>
    /// <param name="status">For a receive, what it matched.</param>
    /// <returns>True if a request completed, or if all slots are empty (there is nothing to wait for).</returns>
    /// <exception cref="MpiException">That request failed.</exception>
    public bool TestAny(out int slot, out Status status)
    {
        MpiGuard.RequireUsable("MPI_Testany");
        Status found = default;
        int index, flag;
        MpiGuard.Check(MpiCalls.Testany(Count, _requests, &index, &flag, &found), "MPI_Testany");
        GC.KeepAlive(this);
        status = found;
        slot = flag == 0 || index == MpiCalls.Abi.Undefined ? -1 : index;
        return flag != 0;
    }

    /// <summary>Waits until at least one request is complete.</summary>
    /// <returns>The slots of all that are; valid until the next call. Empty if all slots are empty.</returns>
    /// <exception cref="MpiException">One of them failed; the message names its slot.</exception>
    public ReadOnlySpan<int> WaitSome()
    {
        int completed;
        if (YieldingWait.Needed)
        {
            // Testsome answers "undefined" for a list of empty slots, and 0 when nothing is complete yet.
            MpiGuard.RequireUsable("MPI_Testsome");
            int code;
            while ((code = MpiCalls.Testsome(Count, _requests, &completed, _indices, _statuses)) == 0 && completed == 0)
                Thread.Yield();
            return Some(code, completed, "MPI_Testsome");
        }

        MpiGuard.RequireUsable("MPI_Waitsome");
        return Some(MpiCalls.Waitsome(Count, _requests, &completed, _indices, _statuses), completed, "MPI_Waitsome");
    }

    /// <summary>Finds the requests that are complete now.</summary>
    /// <returns>Their slots; valid until the next call. Empty if there are none.</returns>
    /// <exception cref="MpiException">One of them failed; the message names its slot.</exception>
    public ReadOnlySpan<int> TestSome()
    {
        MpiGuard.RequireUsable("MPI_Testsome");
        int completed;
        return Some(MpiCalls.Testsome(Count, _requests, &completed, _indices, _statuses), completed, "MPI_Testsome");
    }

    /// <summary>
    /// The status of the n-th result of the last <see cref="WaitAll"/> or successful <see cref="TestAll"/> (n is the slot), or
    /// of the last <see cref="WaitSome"/> or <see cref="TestSome"/> (n is the position in the slots returned).
    /// </summary>
    /// <param name="position">Which result.</param>
    /// <returns>For a receive, what it matched.</returns>
    public Status StatusAt(int position)
    {
        CheckSlot(position);
        Status status = default;
        Buffer.MemoryCopy(_statuses + (position * MpiCalls.Abi.StatusSize), &status, Status.MaxSize, MpiCalls.Abi.StatusSize);
        GC.KeepAlive(this);
        return status;
    }

    /// <summary>Frees the native array. Requests in it that are not complete stay under way.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private ReadOnlySpan<int> Some(int code, int completed, string call)
    {
        var found = completed == MpiCalls.Abi.Undefined ? 0 : completed;
        CheckAll(code, call, found);
        GC.KeepAlive(this);
        return new ReadOnlySpan<int>(_indices, found);
    }

    /// <summary>A call on many requests says "look into the statuses"; the failed one's code is the one worth reporting.</summary>
    private void CheckAll(int code, string call, int statuses)
    {
        if (code == 0)
            return;
        int errorClass;
        if (MpiCalls.ErrorClass(code, &errorClass) == 0 && errorClass == MpiCalls.Abi.ErrInStatus)
        {
            for (var i = 0; i < statuses; i++)
            {
                var error = StatusAt(i).Error;
                if (error != 0 && MpiCalls.ErrorClass(error, &errorClass) == 0 && errorClass != MpiCalls.Abi.ErrPending)
                    MpiGuard.Throw(error, call, $" in request {i} of {statuses}");
            }
        }

        MpiGuard.Throw(code, call);
    }

    private void CheckSlot(int slot) => ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)Count, nameof(slot));

    private void Free()
    {
        // With no slots left, no later call can reach the freed memory.
        Count = Capacity = 0;
        if (Interlocked.Exchange(ref _freed, 1) == 0)
            NativeMemory.Free(_statuses);
    }
}
