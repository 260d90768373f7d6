namespace HpcTrain.Data;

/// <summary>What a <see cref="DatasetException"/> is about, for exit codes.</summary>
public enum DatasetFault
{
    /// <summary>The data: missing, damaged, or not of the expected kind.</summary>
    BadData,
    /// <summary>Reading or writing: no permission, disk full, a folder in the way, a failing file system.</summary>
    InputOutput,
}

/// <summary>A dataset cannot be read or written. The message is one sentence: what is wrong, in which file, and what to
/// do.</summary>
public sealed class DatasetException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, in which file, and what to do.</param>
    /// <param name="fault">Whether the data or the reading and writing is at fault.</param>
    /// <param name="inner">The cause, if another exception was.</param>
    public DatasetException(string message, DatasetFault fault = DatasetFault.BadData, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    /// <summary>Whether the data or the reading and writing is at fault.</summary>
    public DatasetFault Fault { get; }

    /// <summary>Turns a failure of the file system into a sentence about <paramref name="path"/>.</summary>
    internal static DatasetException FromIO(string action, string path, Exception cause) => cause switch
    {
        UnauthorizedAccessException => new($"No permission to {action} {path}; check its owner and mode.", DatasetFault.InputOutput, cause),
        FileNotFoundException or DirectoryNotFoundException =>
            new($"Cannot {action} {path}: it does not exist; check the path.", DatasetFault.BadData, cause),
        _ when IsDiskFull(cause.Message) =>
            new($"Cannot {action} {path}: the disk is full or a file size limit is reached; free some space and run the command again.",
                DatasetFault.InputOutput, cause),
        _ => new($"Cannot {action} {path}: {cause.Message.TrimEnd('.')}.", DatasetFault.InputOutput, cause),
    };

    internal static bool IsIO(Exception exception) => exception is IOException or UnauthorizedAccessException;

    internal static bool IsDiskFull(string message) =>
        message.Contains("No space left on device", StringComparison.Ordinal)
        || message.Contains("Disk quota exceeded", StringComparison.Ordinal)
        || message.Contains("File too large", StringComparison.Ordinal);
}
