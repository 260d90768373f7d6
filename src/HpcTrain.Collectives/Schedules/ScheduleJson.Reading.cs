using System.Collections.Immutable;
using System.Text.Json;

namespace HpcTrain.Collectives;

/// <content>Reading.</content>
public static partial class ScheduleJson
{
    /// <summary>Reads a schedule. Its form is checked, not what it does: see <see cref="ScheduleVerifier"/>.</summary>
    /// <exception cref="ScheduleException">It is not JSON or not a schedule; the message names the place.</exception>
    public static Schedule FromJson(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return ReadSchedule(new(document.RootElement));
        }
        catch (JsonException error)
        {
            throw new ScheduleException($"The schedule is not valid JSON: {JsonPlace.Fault(error)}", error);
        }
    }

    private static Schedule ReadSchedule(JsonPlace file)
    {
        file.CheckNames("format", "version", "collective", "algorithm", "ranks", "root", "chunks", "programs");
        if (file["format"].Text() is var format && format != Format)
            throw file["format"].Wrong($"'{format}' is not '{Format}'");
        if (file["version"].Integer() is var version && version is < 1 or > Version)
            throw file["version"].Wrong($"version {version} is not known here; the newest is {Version}");
        if (!CollectiveKinds.TryParse(file["collective"].Text(), out CollectiveKind collective))
            throw file["collective"].Wrong($"'{file["collective"].Text()}' is not one of {string.Join(", ", CollectiveKinds.Names)}");

        ImmutableArray<Chunk> chunks = [.. file["chunks"].Items().Select(ReadChunk)];
        ImmutableArray<RankProgram> programs = [.. file["programs"].Items().Select(ReadProgram)];
        if (file["ranks"].Integer() is var ranks && ranks != programs.Length)
            throw file["programs"].Wrong($"there are {programs.Length} programs for {ranks} ranks");
        return new(collective, file["algorithm"].Text(), chunks, programs, file.Optional("root")?.Integer());
    }

    private static Chunk ReadChunk(JsonPlace chunk)
    {
        chunk.CheckNames("weight", "owner", "target");
        return new(chunk["weight"].Long(), chunk.Optional("owner")?.Integer() ?? -1, chunk.Optional("target")?.Integer() ?? -1);
    }

    private static RankProgram ReadProgram(JsonPlace program, int rank)
    {
        program.CheckNames("rank", "lanes");
        if (program["rank"].Integer() is var named && named != rank)
            throw program["rank"].Wrong($"rank {named} stands where rank {rank} should; programs are in the order of ranks");
        var builder = new ProgramBuilder();
        foreach (JsonPlace lane in program["lanes"].Items())
        {
            lane.CheckNames("channel", "instructions");
            LaneBuilder instructions = builder.Lane(lane["channel"].Integer());
            foreach (JsonPlace instruction in lane["instructions"].Items())
                instructions.Add(ReadInstruction(instruction), ReadAfter(instruction));
        }

        return builder.Build();
    }

    private static Instruction ReadInstruction(JsonPlace place)
    {
        if (!Operations.TryParse(place["op"].Text(), out Operation operation))
            throw place["op"].Wrong($"'{place["op"].Text()}' is not one of {string.Join(", ", Operations.Names)}");
        place.CheckNames("op", operation.IsTransfer() ? "peer" : "source", "buffer", "chunk", "count", "after");
        var chunks = new ChunkRange(place["chunk"].Integer(), place.Optional("count")?.Integer() ?? 1);
        BufferId buffer = place.Optional("buffer") is { } named ? ReadBuffer(named) : BufferId.Data;
        return operation.IsTransfer()
            ? new(operation, chunks, buffer, place["peer"].Integer(), default)
            : new(operation, chunks, buffer, -1, ReadBuffer(place["source"]));
    }

    private static InstructionId[] ReadAfter(JsonPlace instruction)
    {
        if (instruction.Optional("after") is not { } after)
            return [];
        return [.. after.Items().Select(ReadId)];
    }

    private static InstructionId ReadId(JsonPlace place)
    {
        string text = place.Text();
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !int.TryParse(text.AsSpan(0, dot), out int lane) || !int.TryParse(text.AsSpan(dot + 1), out int instruction))
            throw place.Wrong($"'{text}' is not of the form lane.instruction, for example 0.3");
        return new(lane, instruction);
    }

    private static BufferId ReadBuffer(JsonPlace place) =>
        BufferId.TryParse(place.Text(), out BufferId buffer)
            ? buffer
            : throw place.Wrong($"'{place.Text()}' is not a buffer; there are data and scratch1 to scratch255");
}
