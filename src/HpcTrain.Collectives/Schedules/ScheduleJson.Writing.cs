using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HpcTrain.Collectives;

/// <summary>
/// Schedules as JSON files, one line per instruction. What has its usual value is left out: <c>buffer</c> (data), <c>count</c> (1), <c>after</c> (nothing),
/// <c>owner</c>, <c>target</c> and <c>root</c> (none).
/// </summary>
/// <example>
/// <code>
/// {
///   "format": "hpctrain-schedule", "version": 1,
///   "collective": "allreduce", "algorithm": "ring", "ranks": 2,
///   "chunks": [{"weight": 1}, {"weight": 1}],
///   "programs": [
///     {"rank": 0, "lanes": [
///       {"channel": 0, "instructions": [
///         {"op": "send", "peer": 1, "chunk": 0},
///         {"op": "send", "peer": 1, "chunk": 1, "after": ["1.0"]}]},
///       ...
/// </code>
/// </example>
public static partial class ScheduleJson
{
    /// <summary>What stands under <c>format</c> in every file.</summary>
    public const string Format = "hpctrain-schedule";

    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 1;

    /// <summary>The schedule as JSON.</summary>
    public static string ToJson(this Schedule schedule)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        Write(schedule, text);
        return text.ToString();
    }

    /// <summary>Writes the schedule as JSON to a file, replacing what was there.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(this Schedule schedule, string path)
    {
        using var text = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        Write(schedule, text);
    }

    private static void Write(Schedule schedule, TextWriter text)
    {
        text.Write($$"""
            {
              "format": "{{Format}}", "version": {{Version}},
              "collective": "{{schedule.Collective.Name()}}", "algorithm": {{JsonSerializer.Serialize(schedule.Algorithm)}}, "ranks": {{schedule.Ranks}},
            """);
        text.Write('\n');
        if (schedule.Root is { } root)
            text.Write($"  \"root\": {root},\n");
        IEnumerable<string> chunks = schedule.Chunks.Select(chunk =>
            $"{{\"weight\": {chunk.Weight}{(chunk.Owner < 0 ? "" : $", \"owner\": {chunk.Owner}")}{(chunk.Target < 0 ? "" : $", \"target\": {chunk.Target}")}}}");
        text.Write($"  \"chunks\": [{string.Join(", ", chunks)}],\n  \"programs\": [");
        for (int rank = 0; rank < schedule.Ranks; rank++)
        {
            text.Write(rank == 0 ? "\n" : ",\n");
            text.Write($"    {{\"rank\": {rank}, \"lanes\": [");
            WriteLanes(schedule.Program(rank), text);
            text.Write("]}");
        }

        text.Write("\n  ]\n}\n");
    }

    private static void WriteLanes(RankProgram program, TextWriter text)
    {
        for (int l = 0; l < program.Lanes.Length; l++)
        {
            Lane lane = program.Lanes[l];
            text.Write(l == 0 ? "\n" : ",\n");
            text.Write($"      {{\"channel\": {lane.Channel}, \"instructions\": [");
            for (int i = 0; i < lane.Instructions.Length; i++)
            {
                text.Write(i == 0 ? "\n        " : ",\n        ");
                WriteInstruction(lane.Instructions[i], lane.After(i), text);
            }

            text.Write("]}");
        }
    }

    private static void WriteInstruction(Instruction instruction, ReadOnlySpan<InstructionId> after, TextWriter text)
    {
        text.Write($"{{\"op\": \"{instruction.Operation.Name()}\"");
        if (instruction.Operation.IsTransfer())
            text.Write($", \"peer\": {instruction.Peer}");
        else
            text.Write($", \"source\": \"{instruction.Source}\"");
        if (instruction.Buffer != BufferId.Data)
            text.Write($", \"buffer\": \"{instruction.Buffer}\"");
        text.Write($", \"chunk\": {instruction.Chunks.First}");
        if (instruction.Chunks.Count != 1)
            text.Write($", \"count\": {instruction.Chunks.Count}");
        for (int a = 0; a < after.Length; a++)
            text.Write($"{(a == 0 ? ", \"after\": [" : ", ")}\"{after[a]}\"");
        text.Write(after.IsEmpty ? "}" : "]}");
    }
}
