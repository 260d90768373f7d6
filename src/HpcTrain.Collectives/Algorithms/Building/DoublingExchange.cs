namespace HpcTrain.Collectives.Algorithms;

/// <summary>Recursive doubling of whole values, for an allreduce and for a barrier.</summary>
internal static class DoublingExchange
{
    public static Schedule MakeSchedule(ScheduleSpec spec, string name) =>
        ProgramWriter.MakeSchedule(spec, name, Schedule.EqualChunks(1), (program, rank) => Write(program, rank, new PowerOfTwoFold(spec.Ranks)));

    private static void Write(ProgramWriter program, int rank, PowerOfTwoFold fold)
    {
        LaneWriter outgoing = program.Lane();
        LaneWriter incoming = program.Lane();
        if (fold.IsGuest(rank))
        {
            outgoing.Send(fold.HostOf(rank), 0);
            incoming.Recv(fold.HostOf(rank), 0);
            return;
        }

        int guest = fold.GuestOf(rank);
        if (guest >= 0)
            incoming.RecvReduce(guest, 0);

        int member = fold.MemberOf(rank);
        for (int distance = 1; distance < fold.Members; distance *= 2)
        {
            int partner = fold.RankOf(member ^ distance);
            outgoing.Send(partner, 0);
            incoming.Recv(partner, 0, BufferId.Scratch());
            incoming.Reduce(BufferId.Scratch(), BufferId.Data, 0);
        }

        if (guest >= 0)
            outgoing.Send(guest, 0);
    }
}
