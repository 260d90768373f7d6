using System.Globalization;
using System.Text;

namespace HpcTrain.Pipelines;

/// <summary>Pipelines as text: a row for each rank, a column for each slot of time.</summary>
public static class PipelineGrid
{
    private const int LeastColumns = 4;

    /// <summary>
    /// The schedule as a grid of slots: a forward and each half of a backward take one, a whole backward two, messages none. Long grids are broken into parts below each other.
    /// </summary>
    /// <param name="schedule">A schedule that has been checked.</param>
    /// <param name="width">The most characters of a line.</param>
    public static string ToGrid(this PipelineSchedule schedule, int width = 120)
    {
        PipelineTiming timing = PipelineSimulator.Run(schedule, PipelineCosts.Slots(schedule.Chunks));
        int slots = (int)timing.Seconds;
        string[][] cells = [.. Enumerable.Range(0, schedule.Stages).Select(rank => Cells(timing, rank, slots))];
        int cell = cells.Max(row => row.Max(text => text.Length)) + 1, labels = $"rank {schedule.Stages - 1}".Length;
        int most = Math.Max(LeastColumns, (width - labels - 2) / cell), parts = Math.Max(1, (slots + most - 1) / most), columns = (slots + parts - 1) / parts;

        var text = new StringBuilder();
        for (int first = 0; first < slots; first += columns)
        {
            int end = Math.Min(slots, first + columns);
            text.Append(first == 0 ? "" : "\n").Append("slot".PadRight(labels)).Append(" |");
            for (int slot = first; slot < end; slot++)
                text.Append((slot % 5 == 0 ? slot.ToString(CultureInfo.InvariantCulture) : "").PadLeft(cell));
            EndLine();
            for (int rank = 0; rank < schedule.Stages; rank++)
            {
                text.Append($"rank {rank}".PadRight(labels)).Append(" |");
                for (int slot = first; slot < end; slot++)
                    text.Append(cells[rank][slot].PadLeft(cell));
                EndLine();
            }
        }

        return text.ToString();

        void EndLine()
        {
            while (text[^1] == ' ')
                text.Length--;
            text.Append('\n');
        }
    }

    /// <summary>What stands in a grid: which letters and numbers mean what.</summary>
    public static string Legend(PipelineSchedule schedule)
    {
        PipelineAction sample = schedule.Programs[^1].First(action => action.Kind.IsComputation());
        string how = $"{Label(schedule, sample)}: forward of micro-batch {sample.MicroBatch}{(schedule.Chunks > schedule.Stages ? $" through chunk {sample.Chunk}" : "")}";
        if (Uses(ActionKind.Backward))
            how += "; B: its backward, which takes two slots";
        if (Uses(ActionKind.BackwardInput))
            how += "; I: the gradient of its input, W: of its parameters";
        return how + "; .: the rank waits";

        bool Uses(ActionKind kind) => schedule.Programs.Any(program => program.Any(action => action.Kind == kind));
    }

    /// <summary>A computation as grids and drawings name it: <c>F3</c>, or <c>2F3</c> of chunk 2 where ranks have several.</summary>
    internal static string Label(PipelineSchedule schedule, PipelineAction action) =>
        $"{(schedule.Chunks > schedule.Stages ? action.Chunk : "")}{action.Kind.ShortName()}{action.MicroBatch}";

    private static string[] Cells(PipelineTiming timing, int rank, int slots)
    {
        var cells = new string[slots];
        Array.Fill(cells, ".");
        foreach ((PipelineAction action, double start, double end) in timing.Spans[rank])
        {
            if (!action.Kind.IsComputation())
                continue;
            string label = Label(timing.Schedule, action);
            cells[(int)start] = label;
            for (int slot = (int)start + 1; slot < (int)end; slot++)
                cells[slot] = new string('-', label.Length);
        }

        return cells;
    }
}
