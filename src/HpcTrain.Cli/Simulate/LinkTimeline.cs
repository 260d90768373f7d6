using HpcTrain.Runs;

namespace HpcTrain.Cli.Simulate;

/// <summary>A simulation as a timeline: a process for all links with a thread for each, and one for each rank that reduces.</summary>
internal static class LinkTimeline
{
    private const int Links = 0;

    public static void Write(Stream stream, SimulatedRow row, LinkRecord record)
    {
        using var trace = new ChromeTraceWriter(stream);
        trace.NameProcess(Links, $"links of {row.Graph.Name}");
        foreach (var link in record.Passages.Select(passage => passage.Link).Distinct().Order())
            trace.NameThread(Links, link, row.NameOf(link));
        foreach (var rank in record.Reductions.Select(reduction => reduction.Rank).Distinct().Order())
        {
            trace.NameProcess(rank + 1, $"{row.Graph.Nodes[rank].Name} reduces");
            trace.NameThread(rank + 1, 0, "processor");
        }
        foreach (var (link, message, start, end) in record.Passages)
        {
            trace.Span(Links, link, $"chunk {message.Chunks}", "link", start * 1e6, (end - start) * 1e6,
                ("bytes", message.Bytes), ("from", message.From), ("to", message.To), ("lane", message.FromLane));
        }
        foreach (var (rank, lane, chunks, bytes, start, end) in record.Reductions)
            trace.Span(rank + 1, 0, $"chunk {chunks}", "reduce", start * 1e6, (end - start) * 1e6, ("bytes", bytes), ("lane", lane));
    }
}
