using HpcTrain.CommandLine;

namespace HpcTrain.Training.Jobs;

/// <summary>A failure that all ranks know of and leave by together, with one message and one exit code.</summary>
public sealed class JobException : Exception
{
    internal JobException(string message, int exitCode) : base(message) => ExitCode = exitCode;

    /// <summary>The exit code, see <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; }
}
