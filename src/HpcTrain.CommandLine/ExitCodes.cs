namespace HpcTrain.CommandLine;

/// <summary>What the exit status of HpcTrain's programs says, <c>hpctrain</c> and jobs alike. Scripts may rely on these numbers.</summary>
public static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>A defect of the program; a stack trace was printed.</summary>
    public const int InternalError = 1;

    /// <summary>An unknown command, option or value.</summary>
    public const int Usage = 2;

    /// <summary>Data or a checkpoint is missing, damaged or not of the expected kind.</summary>
    public const int BadData = 3;

    /// <summary>A launcher or library is missing, or two of them do not match.</summary>
    public const int Environment = 4;

    /// <summary>A file or folder cannot be read or written, or the disk is full.</summary>
    public const int InputOutput = 5;

    /// <summary>A check found wrong results: a collective computed something else than it should.</summary>
    public const int WrongResult = 6;

    /// <summary>A job that was waited for was cancelled, ran into its time limit or lost its node.</summary>
    public const int JobStopped = 7;

    /// <summary>A collective stalled: a rank did not come, died, or called something else. Standard error names it.</summary>
    public const int Stalled = 73;

    /// <summary>The table for help texts, ending in a new line.</summary>
    public const string Help =
        "Exit codes:\n" +
        "  0  done\n" +
        "  1  internal error: please report it\n" +
        "  2  wrong usage: an unknown command, option or value\n" +
        "  3  bad data: missing, damaged or not of the expected kind\n" +
        "  4  environment: a launcher or library is missing, or two of them do not match\n" +
        "  5  input or output: a file or folder cannot be read or written, or the disk is full\n" +
        "  6  wrong results: a check found that a collective computed something else than it should\n" +
        "  7  a job that was waited for was cancelled, ran into its time limit or lost its node\n" +
        " 73  a collective stalled: a rank did not come, died, or called something else; standard error names it\n";
}
