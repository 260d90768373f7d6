namespace HpcTrain.Training;

/// <summary>
/// Training cannot start or go on for a reason that the user can mend. The message is one sentence: what, where, on which
/// rank if it matters, and what to do.
/// </summary>
public sealed class TrainingException : Exception
{
    /// <summary>A training error with a sentence for the user.</summary>
    public TrainingException(string message) : base(message)
    {
    }

    /// <summary>A training error with a sentence for the user and its cause.</summary>
    public TrainingException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
