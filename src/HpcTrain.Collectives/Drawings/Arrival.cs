namespace HpcTrain.Collectives.Drawings;

/// <summary>What comes to a rank in a step: a message, or the result of local work that no message of the step stands for.</summary>
/// <param name="Step">The step.</param>
/// <param name="Rank">The rank.</param>
/// <param name="From">The rank that sent it; -1 for local work.</param>
/// <param name="Chunks">The chunks.</param>
/// <param name="Reduces">Whether it is reduced into what is there.</param>
/// <param name="Buffer">Where it lies then.</param>
internal sealed record Arrival(int Step, int Rank, int From, ChunkRange Chunks, bool Reduces, BufferId Buffer)
{
    /// <summary>
    /// The arrivals of a schedule. A message that is reduced at once counts as one arrival, whether its receive reduces it or a local instruction of
    /// the same step. Local copies move nothing between ranks and are left out.
    /// </summary>
    public static IReadOnlyList<Arrival> Of(ScheduleTimeline timeline)
    {
        var arrivals = timeline.Transfers.Select(t => new Arrival(t.Step, t.To, t.From, t.Chunks, t.Reduces, t.Target)).ToList();
        var open = new Dictionary<(int Step, int Rank, ChunkRange Chunks, BufferId Buffer), int>();
        for (int a = 0; a < arrivals.Count; a++)
            open[(arrivals[a].Step, arrivals[a].Rank, arrivals[a].Chunks, arrivals[a].Buffer)] = a;
        foreach (TimedLocal local in timeline.Locals)
        {
            Instruction instruction = local.Instruction;
            if (instruction.Operation != Operation.Reduce)
                continue;
            if (open.Remove((local.Step, local.Rank, instruction.Chunks, instruction.Source), out int a)
                || open.Remove((local.Step, local.Rank, instruction.Chunks, instruction.Buffer), out a))
                arrivals[a] = arrivals[a] with { Reduces = true, Buffer = instruction.Buffer };
            else
                arrivals.Add(new(local.Step, local.Rank, -1, instruction.Chunks, true, instruction.Buffer));
        }

        return arrivals;
    }
}
