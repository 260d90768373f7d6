namespace HpcTrain.Mpi;

/// <summary>
/// An MPI call failed, or MPI was used wrongly (no library, launcher and library that do not match, use after the end).
/// The message is one sentence: what, on which rank, and what to do.
/// </summary>
public sealed class MpiException : Exception
{
    /// <summary>Describes a failure that has no MPI error code.</summary>
    /// <param name="message">The sentence to show.</param>
    /// <param name="call">The MPI function or HpcTrain method that failed.</param>
    /// <param name="rank">The rank in the world, or -1 where it is not known yet.</param>
    /// <param name="innerException">The cause, if another exception was.</param>
    public MpiException(string message, string call, int rank = -1, Exception? innerException = null)
        : this(message, call, rank, 0, 0, innerException)
    {
    }

    internal MpiException(string message, string call, int rank, int code, int errorClass, Exception? innerException = null)
        : base(message, innerException)
    {
        Call = call;
        Rank = rank;
        Code = code;
        ErrorClass = errorClass;
    }

    /// <summary>The MPI function that failed, such as <c>MPI_Recv</c>, or the HpcTrain method.</summary>
    public string Call { get; }

    /// <summary>The rank in the world of the process that saw the error; -1 before MPI is initialised without a launcher.</summary>
    public int Rank { get; }

    /// <summary>The library's own error code; 0 if the failure did not come from an MPI call.</summary>
    public int Code { get; }

    /// <summary>The error class of <see cref="Code"/>, whose numbers differ between libraries; 0 if there is none.</summary>
    public int ErrorClass { get; }

    /// <summary>True if a received message was longer than the buffer that waited for it.</summary>
    public bool IsTruncation => Code != 0 && ErrorClass == MpiCalls.Abi.ErrTruncate;
}
