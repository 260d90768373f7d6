using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HpcTrain.Mpi;

/// <summary>
/// What a receive or probe matched. It holds the library's own status bytes and decodes them when asked, so that a
/// receive costs nothing beyond the call. The status of a send or of an empty request means nothing.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = MaxSize)]
public unsafe struct Status
{
    /// <summary>The largest status of any ABI (the standard ABI's); the others fill its beginning.</summary>
    internal const int MaxSize = 32;

    private fixed int _words[MaxSize / sizeof(int)];

    /// <summary>Rank of the sender in the communicator of the receive.</summary>
    public readonly int Source => _words[MpiCalls.Abi.StatusSourceOffset / sizeof(int)];

    /// <summary>Tag of the message.</summary>
    public readonly int Tag => _words[MpiCalls.Abi.StatusTagOffset / sizeof(int)];

    /// <summary>True if the request was cancelled before it matched.</summary>
    public readonly bool IsCancelled
    {
        get
        {
            var copy = this;
            int flag;
            MpiGuard.Check(MpiCalls.TestCancelled(&copy, &flag), "MPI_Test_cancelled");
            return flag != 0;
        }
    }

    /// <summary>MPI_ERROR; set by the library only in the statuses of calls on several requests.</summary>
    internal readonly int Error => _words[MpiCalls.Abi.StatusErrorOffset / sizeof(int)];

    /// <summary>The number of elements in the message.</summary>
    /// <param name="type">The element type of the receive.</param>
    /// <returns>Elements.</returns>
    /// <exception cref="MpiException">The message is not a whole number of elements.</exception>
    public readonly long Count(MpiDatatype type)
    {
        var copy = this;
        long count;
        MpiGuard.Check(MpiCalls.GetElements(&copy, MpiCalls.Abi.Handle(type), &count), "MPI_Get_elements");
        return count != MpiCalls.Abi.Undefined ? count : throw new MpiException(
            $"the message from rank {Source} with tag {Tag} is not a whole number of {type} elements: receive it as the type "
            + "that was sent.", "MPI_Get_elements", MpiGuard.Rank);
    }

    /// <summary>The number of elements in the message.</summary>
    /// <typeparam name="T">The element type of the receive, any unmanaged type.</typeparam>
    /// <returns>Elements; a part of an element at the end is not counted.</returns>
    public readonly long Count<T>()
        where T : unmanaged =>
        MpiDatatypes.TryOf<T>(out var type) ? Count(type) : Count(MpiDatatype.Byte) / Unsafe.SizeOf<T>();
}
