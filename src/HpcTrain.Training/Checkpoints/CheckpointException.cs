namespace HpcTrain.Training.Checkpoints;

/// <summary>A checkpoint cannot be written, or what lies on disk cannot be trusted. The message names file and remedy.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>A checkpoint error with a sentence for the user.</summary>
    public CheckpointException(string message) : base(message)
    {
    }

    /// <summary>A checkpoint error with a sentence for the user and its cause.</summary>
    public CheckpointException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
