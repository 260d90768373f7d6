using HpcTrain.Mpi;

namespace HpcTrain.Collectives;

/// <summary>
/// What this assembly throws: a schedule that is wrong, a request that cannot be met, or a peer that does not answer.
/// The message is one sentence that says what, where and on which rank, and what to do.
/// </summary>
public sealed class ScheduleException : Exception, IRankFailure
{
    /// <summary>Creates the exception without a place.</summary>
    public ScheduleException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception without a place, with the error that caused it.</summary>
    public ScheduleException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception for one instruction of a schedule.</summary>
    /// <param name="message">One sentence that already names the place.</param>
    /// <param name="rank">The rank whose program it is.</param>
    /// <param name="lane">The lane in that program, or null when the whole program is meant.</param>
    /// <param name="instruction">The instruction in that lane, or null when the whole lane is meant.</param>
    public ScheduleException(string message, int rank, int? lane, int? instruction)
        : base(message)
    {
        Rank = rank;
        Lane = lane;
        Instruction = instruction;
    }

    /// <summary>Whether a collective stood still for longer than the stall time-out: a rank did not come, died, or called something else.</summary>
    public bool IsStall { get; init; }

    /// <summary><see cref="MpiExitCodes.Stalled"/> for a stall, else <see cref="MpiExitCodes.Failure"/>.</summary>
    public int ExitCode => IsStall ? MpiExitCodes.Stalled : MpiExitCodes.Failure;

    /// <summary>The rank that the message speaks of, where there is one.</summary>
    public int? Rank { get; }

    /// <summary>The lane of that rank's program, where there is one.</summary>
    public int? Lane { get; }

    /// <summary>The position of the instruction in that lane, where there is one.</summary>
    public int? Instruction { get; }
}
