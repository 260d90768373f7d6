using HpcTrain.Collectives.Verification;

namespace HpcTrain.Collectives;

/// <summary>Proves that a schedule does what it says, by running it symbolically for its rank count.</summary>
/// <remarks>
/// <para>What is proved:</para>
/// <list type="bullet">
/// <item>Every name exists; at most one lane of a program uses a channel to a peer in each direction.</item>
/// <item>No deadlock, without relying on any buffering: a send takes effect only together with its receive, when both lanes
/// have come to them and everything they wait for is done.</item>
/// <item>The k-th send on a channel meets the k-th receive, and both name the same chunks, so that lengths agree for every
/// buffer length. Nothing is sent that is not received.</item>
/// <item>No race: two instructions of a rank that touch the same chunk of the same buffer, one of them writing, are ordered by
/// their lane or by dependencies. So the result does not depend on timing, nor on the segments that an executor cuts.</item>
/// <item>Nothing is read that holds nothing, and each rank ends with what the collective owes it: every contribution
/// exactly once.</item>
/// <item>The same bits everywhere: all ranks that receive a chunk end with the same reduction tree for it.</item>
/// </list>
/// <para>Time and memory grow with the number of instructions times chunks that they move: about a second for 1,024 ranks.</para>
/// </remarks>
public static class ScheduleVerifier
{
    /// <summary>Verifies the schedule.</summary>
    /// <returns>Its steps and the traffic of its busiest rank.</returns>
    /// <exception cref="ScheduleException">The first fault found, with rank, lane and instruction.</exception>
    public static VerificationReport Verify(Schedule schedule) => Prove(schedule).Report;

    /// <summary>Verifies the schedule, and gives the run that proved it.</summary>
    internal static SymbolicRun Prove(Schedule schedule)
    {
        var programs = new RankProgram[schedule.Ranks];
        for (int rank = 0; rank < schedule.Ranks; rank++)
        {
            programs[rank] = schedule.Program(rank);
            StructureCheck.Run(schedule, rank, programs[rank]);
            RaceCheck.Run(schedule, rank, new ProgramOrder(schedule, rank, programs[rank]));
        }

        var run = new SymbolicRun(schedule, programs);
        run.Run();
        ResultCheck.Run(schedule, run);
        return run;
    }
}
