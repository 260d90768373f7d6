using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace HpcTrain.Mpi;

/// <summary>
/// "count elements of a type" as MPI is told it. Where the library takes 64-bit counts, or the count fits 31 bits, that
/// is the count and the predefined type. Otherwise the whole message becomes one element of a derived type: contiguous
/// blocks of 2^30 elements, and a shorter last block at its offset. It stays one message, with one request, one match and
/// a status that still counts basic elements; and as its extent is its size, rank r's part of a gather starts where it should.
/// The derived type is freed on dispose; MPI keeps it alive for operations under way.
/// </summary>
internal unsafe ref struct CountedType
{
    public readonly long Count;
    public readonly nint Type;
    private nint _derived;

    /// <summary>The largest count that is passed on as it is. Tests lower it to send small messages the long way.</summary>
    public static long Limit { get; set; } = NaturalLimit;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CountedType(long count, MpiDatatype type)
    {
        if ((ulong)count <= (ulong)Limit)
        {
            Count = count;
            Type = MpiCalls.Abi.Handle(type);
        }
        else
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            Count = 1;
            Type = _derived = Derive(count, type);
        }
    }

    public static long NaturalLimit => MpiCalls.HasLargeCounts ? long.MaxValue : int.MaxValue;

    /// <summary>Predefined operations know only predefined types.</summary>
    public readonly nint Operation(MpiOp op) => _derived == 0 ? MpiCalls.Abi.Handle(op) : BlockOperations.Handle(op);

    public void Dispose()
    {
        if (_derived != 0)
            Free(ref _derived);
    }

    private static nint Derive(long count, MpiDatatype type)
    {
        var element = MpiCalls.Abi.Handle(type);
        var block = Math.Clamp(Limit / 2, 1, 1 << 30);
        var (blocks, rest) = (count / block, count % block);
        nint unit = Contiguous((int)block, element), body = 0, tail = 0, whole = 0;
        try
        {
            body = Contiguous(checked((int)blocks), unit);
            if (rest != 0)
            {
                tail = Contiguous((int)rest, element);
                whole = Append(body, blocks * block * type.SizeInBytes(), tail);
            }
            else
            {
                (whole, body) = (body, 0);
            }

            MpiGuard.Check(MpiCalls.TypeCommit(&whole), "MPI_Type_commit");
            BlockOperations.Remember(whole, type);
            return whole;
        }
        finally
        {
            Free(ref unit);
            Free(ref body);
            Free(ref tail);
        }
    }

    private static nint Contiguous(int count, nint type)
    {
        nint result = 0;
        MpiGuard.Check(MpiCalls.TypeContiguous(count, type, &result), "MPI_Type_contiguous");
        return result;
    }

    private static nint Append(nint body, long offset, nint tail)
    {
        var lengths = stackalloc int[] { 1, 1 };
        var offsets = stackalloc nint[] { 0, (nint)offset };
        var types = stackalloc nint[2];
        HandleArray.Write(types, 0, body);
        HandleArray.Write(types, 1, tail);
        nint result = 0;
        MpiGuard.Check(MpiCalls.TypeCreateStruct(2, lengths, offsets, types, &result), "MPI_Type_create_struct");
        return result;
    }

    private static void Free(ref nint type)
    {
        var handle = type;
        type = 0;
        if (handle != 0)
            _ = MpiCalls.TypeFree(&handle);
    }
}

/// <summary>Arrays of handles, whose stride is the ABI's handle size.</summary>
internal static unsafe class HandleArray
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Read(void* array, int index) =>
        MpiCalls.Abi.HandleSize == 4 ? (nint)((uint*)array)[index] : ((nint*)array)[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(void* array, int index, nint handle)
    {
        if (MpiCalls.Abi.HandleSize == 4)
            ((uint*)array)[index] = (uint)handle;
        else
            ((nint*)array)[index] = handle;
    }
}

/// <summary>
/// Reductions over derived types: one user operation per <see cref="MpiOp"/>, which reduces the blocks with the library's
/// own operation through MPI_Reduce_local, in parts that a 32-bit count can name. Associative and commutative like the
/// operation it stands for.
/// </summary>
internal static unsafe partial class BlockOperations
{
    private static readonly Lock Gate = new();
    private static readonly nint[] Handles = new nint[Enum.GetValues<MpiOp>().Length];

    // A freed type's handle may come back for another type; it is then remembered anew before anyone reduces with it.
    private static readonly ConcurrentDictionary<nint, MpiDatatype> ElementTypes = new();

    public static void Remember(nint derived, MpiDatatype element) => ElementTypes[derived] = element;

    public static nint Handle(MpiOp op)
    {
        lock (Gate)
        {
            ref var handle = ref Handles[(int)op];
            if (handle == 0)
            {
                nint created = 0;
                MpiGuard.Check(MpiCalls.OpCreate(Callback(op), 1, &created), "MPI_Op_create");
                handle = created;
            }

            return handle;
        }
    }

    private static void Reduce(MpiOp op, void* source, void* destination, int* length, void* type)
    {
        // An exception must not cross the library's frames: a rank that cannot reduce ends the job.
        var derived = HandleArray.Read(type, 0);
        long bytes = 0;
        if (MpiCalls.TypeSize(derived, &bytes) != 0 || !ElementTypes.TryGetValue(derived, out var element))
        {
            Console.Error.WriteLine($"rank {MpiGuard.Rank}: a reduction met a datatype that HpcTrain did not make; ending the job.");
            _ = MpiCalls.Abort(MpiCalls.Abi[MpiHandle.CommWorld], MpiExitCodes.Failure);
            return;
        }

        var size = element.SizeInBytes();
        var remaining = bytes / size * *length;
        for (byte* from = (byte*)source, to = (byte*)destination; remaining > 0;)
        {
            var part = (int)Math.Min(remaining, 1 << 30);
            var code = MpiCalls.ReduceLocal(from, to, part, MpiCalls.Abi.Handle(element), MpiCalls.Abi.Handle(op));
            if (code != 0)
            {
                Console.Error.WriteLine($"rank {MpiGuard.Rank}: MPI_Reduce_local failed: {MpiGuard.Describe(code)}");
                _ = MpiCalls.Abort(MpiCalls.Abi[MpiHandle.CommWorld], MpiExitCodes.Failure);
                return;
            }

            from += (long)part * size;
            to += (long)part * size;
            remaining -= part;
        }
    }
}
