using System.Collections.Immutable;

namespace HpcTrain.Collectives.Tests.Verification;

/// <summary>A schedule taken apart, to be damaged and put together again.</summary>
internal sealed class MutableSchedule
{
    private readonly Schedule _original;

    public MutableSchedule(Schedule schedule)
    {
        _original = schedule;
        Programs = [.. Enumerable.Range(0, schedule.Ranks).Select(rank => Open(schedule.Program(rank)))];
    }

    /// <summary>Lines by rank and lane.</summary>
    public List<List<List<Line>>> Programs { get; }

    /// <summary>Every place in the schedule.</summary>
    public static IEnumerable<(int Rank, int Lane, int Position)> Places(Schedule schedule) =>
        from rank in Enumerable.Range(0, schedule.Ranks)
        let program = schedule.Program(rank)
        from lane in Enumerable.Range(0, program.Lanes.Length)
        from position in Enumerable.Range(0, program.Lanes[lane].Instructions.Length)
        select (rank, lane, position);

    /// <summary>The schedule with one line changed.</summary>
    public static Schedule With((int Rank, int Lane, int Position) place, Schedule schedule, Func<Line, Line> change)
    {
        var open = new MutableSchedule(schedule);
        List<Line> lane = open.Programs[place.Rank][place.Lane];
        lane[place.Position] = change(lane[place.Position]);
        return open.Close();
    }

    /// <summary>The schedule without one line; what waited for it waits for the one before.</summary>
    public static Schedule Without((int Rank, int Lane, int Position) place, Schedule schedule)
    {
        var open = new MutableSchedule(schedule);
        open.Programs[place.Rank][place.Lane].RemoveAt(place.Position);
        foreach (List<Line> lane in open.Programs[place.Rank])
        {
            for (int i = 0; i < lane.Count; i++)
                lane[i] = lane[i] with { After = [.. lane[i].After.Select(Renumber).Where(id => id.Instruction >= 0)] };
        }

        return open.Close();

        InstructionId Renumber(InstructionId id) =>
            id.Lane == place.Lane && id.Instruction >= place.Position ? id with { Instruction = id.Instruction - 1 } : id;
    }

    public Schedule Close()
    {
        ImmutableArray<RankProgram> programs = [.. Programs.Select((lanes, rank) => Close(lanes, _original.Program(rank)))];
        return new(_original.Collective, _original.Algorithm, _original.Chunks, programs, _original.Root);
    }

    private static List<List<Line>> Open(RankProgram program) =>
        [.. program.Lanes.Select(lane => lane.Instructions.Select((instruction, i) => new Line(instruction, [.. lane.After(i)])).ToList())];

    private static RankProgram Close(List<List<Line>> lanes, RankProgram original)
    {
        var builder = new ProgramBuilder();
        for (int l = 0; l < lanes.Count; l++)
        {
            LaneBuilder lane = builder.Lane(original.Lanes[l].Channel);
            foreach (Line line in lanes[l])
                lane.Add(line.Instruction, line.After);
        }

        return builder.Build();
    }

    public sealed record Line(Instruction Instruction, InstructionId[] After);
}
