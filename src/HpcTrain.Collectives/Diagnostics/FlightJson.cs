using System.Text.Json;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Diagnostics;

/// <summary>Recorded collectives as JSON. Names are those of schedules and options; what a collective has not (op, root) is left out.</summary>
internal static class FlightJson
{
    public static void Write(IReadOnlyList<FlightEntry> entries, Stream output)
    {
        using var writer = new Utf8JsonWriter(output, new() { Indented = true });
        writer.WriteStartArray();
        foreach (FlightEntry entry in entries)
            Write(writer, entry);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, FlightEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteNumber("sequence", entry.Sequence);
        writer.WriteString("collective", entry.Collective.Name());
        writer.WriteString("type", entry.Type.Name());
        writer.WriteNumber("count", entry.Count);
        if (entry.Op is { } op)
            writer.WriteString("op", op.Name());
        if (entry.Root is { } root)
            writer.WriteNumber("root", root);
        writer.WriteString("algorithm", entry.Algorithm);
        writer.WriteString("path", entry.Path);
        writer.WriteString("state", entry.State.ToString().ToLowerInvariant());
        writer.WriteString("started", entry.Started);
        if (entry.Duration is { } duration)
            writer.WriteNumber("seconds", duration.TotalSeconds);
        if (entry.Waits.Count > 0)
        {
            writer.WriteStartArray("waits");
            foreach (string wait in entry.Waits)
                writer.WriteStringValue(wait);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
