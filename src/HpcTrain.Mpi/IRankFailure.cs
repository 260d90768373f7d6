namespace HpcTrain.Mpi;

/// <summary>An exception whose message is one sentence for the user, not a defect of the program, and that knows the job's exit code.</summary>
public interface IRankFailure
{
    /// <summary>The exit code with which the job ends when nobody catches the exception, see <see cref="MpiExitCodes"/>.</summary>
    int ExitCode { get; }
}
