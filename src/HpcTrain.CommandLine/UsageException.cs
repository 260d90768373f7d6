namespace HpcTrain.CommandLine;

/// <summary>A mistake in the command line. The message is one sentence: what is wrong, and what would be right.</summary>
public sealed class UsageException : Exception
{
    /// <summary>A mistake with a sentence for the user.</summary>
    public UsageException(string message) : base(message)
    {
    }
}
