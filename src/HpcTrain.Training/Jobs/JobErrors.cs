using HpcTrain.Collectives;
using HpcTrain.CommandLine;
using HpcTrain.Data;
using HpcTrain.Mpi;
using HpcTrain.Runs;
using HpcTrain.Training.Checkpoints;
using HpcTrain.Training.Servers;

namespace HpcTrain.Training.Jobs;

/// <summary>What an exception means for the job: its exit code and what the user gets to read.</summary>
internal static class JobErrors
{
    /// <summary>The exit code for an exception, <see cref="ExitCodes.InternalError"/> for those that only a defect can cause.</summary>
    public static int ExitCode(Exception exception) => exception switch
    {
        JobException job => job.ExitCode,
        ScheduleException { IsStall: true } or ServerException => ExitCodes.Stalled,
        ScheduleException { Rank: not null } => ExitCodes.Environment, // ranks out of step, not a wrong choice
        TrainingException or ScheduleException or UsageException => ExitCodes.Usage,
        DatasetException { Fault: not DatasetFault.BadData } => ExitCodes.InputOutput,
        DatasetException => ExitCodes.BadData,
        CheckpointException { InnerException: { } inner } when RunException.IsIo(inner) => ExitCodes.InputOutput,
        CheckpointException => ExitCodes.BadData,
        RunException => ExitCodes.InputOutput,
        MpiException or DllNotFoundException => ExitCodes.Environment,
        _ when RunException.IsIo(exception) => ExitCodes.InputOutput,
        _ => ExitCodes.InternalError,
    };

    /// <summary>A sentence for a mistake of the user or the machine, everything for a defect.</summary>
    public static string Describe(Exception exception)
        => ExitCode(exception) == ExitCodes.InternalError ? exception.ToString() : exception.Message;
}
