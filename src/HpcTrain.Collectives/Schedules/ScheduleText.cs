using System.Globalization;
using System.Text;

namespace HpcTrain.Collectives;

/// <summary>Prints schedules for people: one line per instruction, grouped by rank and lane.</summary>
public static class ScheduleText
{
    /// <summary>The whole schedule as text. Long for many ranks: the programs of n ranks are printed.</summary>
    public static string ToText(this Schedule schedule) => ToText(schedule, Enumerable.Range(0, schedule.Ranks));

    /// <summary>The schedule's first line, its chunks where they differ, and the program of one rank.</summary>
    public static string ToText(this Schedule schedule, int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, schedule.Ranks);
        return ToText(schedule, [rank]);
    }

    private static string ToText(Schedule schedule, IEnumerable<int> ranks)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{schedule}");
        if (schedule.Chunks.Any(chunk => chunk != schedule.Chunks[0]))
        {
            for (int c = 0; c < schedule.Chunks.Length; c++)
                AppendChunk(text, c, schedule.Chunks[c]);
        }

        foreach (int rank in ranks)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"rank {rank}");
            AppendProgram(text, schedule.Program(rank));
        }

        return text.ToString();
    }

    private static void AppendChunk(StringBuilder text, int c, Chunk chunk)
    {
        text.Append(CultureInfo.InvariantCulture, $"chunk {c}: weight {chunk.Weight}");
        if (chunk.Owner >= 0)
            text.Append(CultureInfo.InvariantCulture, $", owner {chunk.Owner}");
        if (chunk.Target >= 0)
            text.Append(CultureInfo.InvariantCulture, $", target {chunk.Target}");
        text.AppendLine();
    }

    private static void AppendProgram(StringBuilder text, RankProgram program)
    {
        for (int l = 0; l < program.Lanes.Length; l++)
        {
            Lane lane = program.Lanes[l];
            text.AppendLine(CultureInfo.InvariantCulture, $"  lane {l}, channel {lane.Channel}");
            for (int i = 0; i < lane.Instructions.Length; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"    {new InstructionId(l, i),-6} {lane.Instructions[i]}");
                string separator = "  after ";
                foreach (InstructionId id in lane.After(i))
                {
                    text.Append(separator).Append(id);
                    separator = ", ";
                }

                text.AppendLine();
            }
        }
    }
}
