using HpcTrain.CommandLine;

namespace HpcTrain.Benchmarking;

/// <summary>
/// The benchmark cannot be run as asked, or not go on. All ranks know it and end with the same code; the message is one sentence.
/// </summary>
public sealed class BenchmarkException : Exception
{
    /// <summary>A request that makes no sense here.</summary>
    public BenchmarkException(string message)
        : this(message, ExitCodes.Usage)
    {
    }

    /// <summary>A failure with the exit code that it ends the program with.</summary>
    public BenchmarkException(string message, int exitCode)
        : base(message) => ExitCode = exitCode;

    /// <summary>The exit code, see <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; }
}
