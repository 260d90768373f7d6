using HpcTrain.Runs;

namespace HpcTrain.Pipelines;

/// <summary>A simulated pipeline as a timeline that Perfetto opens: a process for each rank, with rows for computations, reductions and what it sends to each peer, and a curve of
/// the micro-batches that it keeps.</summary>
public static class PipelineTrace
{
    private const int Compute = 0, Reductions = 1, FirstLink = 2;

    /// <summary>Writes the timeline. The stream stays the caller's.</summary>
    /// <exception cref="IOException">Writing failed.</exception>
    public static void Write(Stream stream, PipelineTiming timing)
    {
        using var trace = new ChromeTraceWriter(stream);
        PipelineSchedule schedule = timing.Schedule;
        for (int rank = 0; rank < schedule.Stages; rank++)
        {
            trace.NameProcess(rank, $"rank {rank}, {(schedule.ChunksOf[rank].Length == 1 ? "chunk" : "chunks")} {string.Join(", ", schedule.ChunksOf[rank])}");
            trace.NameThread(rank, Compute, "compute");
            if (timing.Spans[rank].Any(span => span.Action.Kind == ActionKind.ReduceGradients && span.End > span.Start))
                trace.NameThread(rank, Reductions, "reduce gradients");
            foreach (int peer in timing.Messages.Where(message => message.From == rank).Select(message => message.To).Distinct().Order())
                trace.NameThread(rank, FirstLink + peer, $"send to rank {peer}");
            WriteSpans(trace, timing, rank);
        }

        foreach (MessageSpan message in timing.Messages)
        {
            trace.Span(message.From, FirstLink + message.To, $"{message.Send.Kind.Name()} {message.Send.MicroBatch}", "message", Micro(message.Start), Micro(message.End - message.Start),
                ("micro_batch", message.Send.MicroBatch), ("chunk", message.Send.Chunk), ("waited_us", Micro(message.Start - message.Ready)));
        }
    }

    private static void WriteSpans(ChromeTraceWriter trace, PipelineTiming timing, int rank)
    {
        int kept = 0;
        foreach ((PipelineAction action, double start, double end) in timing.Spans[rank])
        {
            if (action.Kind == ActionKind.ReduceGradients && end == start)
                continue;
            int row = action.Kind == ActionKind.ReduceGradients ? Reductions : Compute;
            string name = action.Kind.HasMicroBatch() ? $"{action.Kind.Name()} {action.MicroBatch}" : action.Kind.Name();
            trace.Span(rank, row, name, action.Kind.Name(), Micro(start), Micro(end - start), ("micro_batch", action.MicroBatch), ("chunk", action.Chunk));
            if (action.Kind == ActionKind.Forward)
                trace.Counter(rank, "kept activations", Micro(start), "chunks", ++kept);
            if (action.Kind.FreesActivations() || (action.Kind == ActionKind.Forward && timing.Schedule.Purpose == PipelinePurpose.Evaluation))
                trace.Counter(rank, "kept activations", Micro(end), "chunks", --kept);
        }
    }

    // Whole nanoseconds, so that what follows in the simulation does not overlap in the file.
    private static double Micro(double seconds) => Math.Round(seconds * 1e6, 3);
}
