namespace HpcTrain.Runs;

/// <summary>A run folder could not be made, read or written. The message says which file, why, and what to do.</summary>
public sealed class RunException : Exception
{
    /// <summary>A run error with a sentence for the user.</summary>
    public RunException(string message) : base(message)
    {
    }

    /// <summary>A run error with a sentence for the user and its cause.</summary>
    public RunException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>
    /// Turns a failed file operation into a sentence: what was attempted on which path, why it failed, what to do.
    /// </summary>
    /// <param name="action">What was attempted, as "write the checkpoint".</param>
    /// <param name="path">The file or folder.</param>
    /// <param name="cause">The I/O error.</param>
    public static RunException FromIo(string action, string path, Exception cause)
    {
        const int NoSpace = 28; // ENOSPC
        const int QuotaExceeded = 122; // EDQUOT
        const int FileTooLarge = 27; // EFBIG
        var reason = cause switch
        {
            UnauthorizedAccessException =>
                "permission denied; choose a folder that this user may write, or change its permissions",
            DirectoryNotFoundException => "its folder does not exist",
            IOException when (cause.HResult & 0xffff) is NoSpace or QuotaExceeded =>
                "no space is left on its file system; free some space or choose a folder elsewhere",
            IOException when (cause.HResult & 0xffff) is FileTooLarge => "the file size limit of this process was reached",
            _ => cause.Message.Replace(AtomicFile.TemporarySuffix, "", StringComparison.Ordinal).TrimEnd('.'),
        };
        return new RunException($"cannot {action} at {path}: {reason}.", cause);
    }

    /// <summary>Whether an exception is a failed file operation that <see cref="FromIo"/> explains.</summary>
    public static bool IsIo(Exception e) => e is IOException or UnauthorizedAccessException;
}
