using HpcTrain.Collectives;
using HpcTrain.Data;
using HpcTrain.Mpi;
using HpcTrain.Runs;
using HpcTrain.Training.Checkpoints;

namespace HpcTrain.Training.Jobs;

/// <summary>How a job ends: the exit codes of every HpcTrain program, listed in their help.</summary>
public static class ExitCodes
{
    /// <summary>Ended as planned.</summary>
    public const int Success = 0;

    /// <summary>A defect of the program; a stack trace was printed.</summary>
    public const int InternalError = 1;

    /// <summary>A wrong option or value.</summary>
    public const int Usage = 2;

    /// <summary>Data or a checkpoint is missing or damaged.</summary>
    public const int BadData = 3;

    /// <summary>A library or the launcher is missing, or they do not fit together.</summary>
    public const int Environment = 4;

    /// <summary>Files cannot be written or read: disk full, no permission.</summary>
    public const int InputOutput = 5;

    /// <summary>The table for help texts.</summary>
    public const string Help =
        "Exit codes: 0 success, 1 internal error, 2 wrong option, 3 missing or damaged data or checkpoint, "
        + "4 MPI or another library missing or mismatched, 5 files cannot be read or written.";

    /// <summary>The exit code for an exception, <see cref="InternalError"/> for those that only a defect can cause.</summary>
    public static int Of(Exception exception) => exception switch
    {
        JobException failure => failure.ExitCode,
        TrainingException or ScheduleException => Usage,
        DatasetException => BadData,
        CheckpointException { InnerException: { } inner } when RunException.IsIo(inner) => InputOutput,
        CheckpointException => BadData,
        RunException => InputOutput,
        MpiException or DllNotFoundException => Environment,
        _ when RunException.IsIo(exception) => InputOutput,
        _ => InternalError,
    };

    /// <summary>What to print: a sentence for a mistake of the user or the machine, everything for a defect.</summary>
    public static string Describe(Exception exception)
        => Of(exception) == InternalError ? exception.ToString() : exception.Message;
}
