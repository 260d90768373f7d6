using HpcTrain.Mpi;

namespace HpcTrain.Training.Servers;

/// <summary>The parameter servers of a job are not in step: a rank does not answer, or answers something else. The message names who waits for whom, and what to do.</summary>
/// <param name="message">One sentence.</param>
/// <param name="rank">The rank that tells it.</param>
public sealed class ServerException(string message, int rank) : Exception(message), IRankFailure
{
    /// <summary>The rank that tells it.</summary>
    public int Rank { get; } = rank;

    /// <summary><see cref="MpiExitCodes.Stalled"/>.</summary>
    public int ExitCode => MpiExitCodes.Stalled;
}
