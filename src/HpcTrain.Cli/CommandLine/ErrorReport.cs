using HpcTrain.Benchmarking;
using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Data;
using HpcTrain.Mpi;
using HpcTrain.Pipelines;
using HpcTrain.Runs;
using HpcTrain.Slurm;
using HpcTrain.Topology;

namespace HpcTrain.Cli.CommandLine;

/// <summary>
/// Turns an exception that ended a command into text and an exit code. What a user can mend (a wrong option, a
/// damaged file, a missing library, a full disk) is one sentence; anything else is a bug and shows its trace.
/// </summary>
internal static class ErrorReport
{
    /// <summary>Writes the report for <paramref name="exception"/> and returns the exit code that goes with it.</summary>
    public static int Print(Exception exception, TextWriter output)
    {
        var cause = Unwrap(exception);
        var code = CodeOf(cause);
        output.WriteLine(code == ExitCodes.InternalError
            ? $"hpctrain: internal error. Please report it with the command line and this trace:\n{exception}"
            : $"hpctrain: {cause.Message}");
        return code;
    }

    /// <summary>The exit code that goes with an exception.</summary>
    public static int CodeOf(Exception cause) => cause switch
    {
        UsageException => ExitCodes.Usage,
        BenchmarkException benchmark => benchmark.ExitCode,
        DatasetException { Fault: DatasetFault.BadData } => ExitCodes.BadData,
        DatasetException or RunException => ExitCodes.InputOutput,
        IRankFailure { ExitCode: MpiExitCodes.Stalled } => ExitCodes.Stalled,
        TopologyException { InnerException: UnauthorizedAccessException or (IOException and not (FileNotFoundException or DirectoryNotFoundException)) } => ExitCodes.InputOutput,
        SlurmException { Fault: SlurmFault.Specification } => ExitCodes.Usage,
        SlurmException { Fault: SlurmFault.Environment } => ExitCodes.Environment,
        SlurmException => ExitCodes.BadData,
        ScheduleException or TopologyException or PipelineException => ExitCodes.BadData,
        MpiException or DllNotFoundException => ExitCodes.Environment,
        IOException or UnauthorizedAccessException => ExitCodes.InputOutput,
        _ => ExitCodes.InternalError,
    };

    /// <summary>The exception that names the cause: static constructors, tasks and reflection wrap it.</summary>
    private static Exception Unwrap(Exception exception)
    {
        while (exception is TypeInitializationException or System.Reflection.TargetInvocationException
                   or AggregateException { InnerExceptions.Count: 1 }
               && exception.InnerException is { } inner)
            exception = inner;
        return exception;
    }
}
