namespace HpcTrain.Pipelines;

/// <summary>
/// What this assembly throws: a schedule that is wrong, a request that no schedule or partition can meet, or a file that cannot be understood. The message is
/// one sentence that says what, where and on which rank, and what to do.
/// </summary>
public sealed class PipelineException : Exception
{
    /// <summary>An error without a place.</summary>
    public PipelineException(string message)
        : base(message)
    {
    }

    /// <summary>An error without a place, with the error that caused it.</summary>
    public PipelineException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An error at an action of a schedule.</summary>
    /// <param name="message">One sentence that already names the place.</param>
    /// <param name="rank">The rank whose program it is.</param>
    /// <param name="action">The position in the program, or null when all of the program is meant.</param>
    public PipelineException(string message, int rank, int? action)
        : base(message)
    {
        Rank = rank;
        Action = action;
    }

    /// <summary>The rank that the message speaks of, where there is one.</summary>
    public int? Rank { get; }

    /// <summary>The position of the action in that rank's program, where there is one.</summary>
    public int? Action { get; }
}
