namespace HpcTrain.Pipelines.Checking;

/// <summary>
/// Both ends of a channel (the activations, or the gradients, between two neighbouring chunks) name micro-batches in the same order, so that a runtime needs one tag per channel and buffers
/// in a ring.
/// </summary>
internal static class ChannelCheck
{
    public static void Run(PipelineSchedule schedule)
    {
        for (int chunk = 0; chunk + 1 < schedule.Chunks; chunk++)
        {
            if (!schedule.IsBoundary(chunk))
                continue;
            Compare(schedule, new(ActionKind.SendActivation, 0, chunk));
            Compare(schedule, new(ActionKind.SendGradient, 0, chunk + 1));
        }
    }

    private static void Compare(PipelineSchedule schedule, PipelineAction send)
    {
        PipelineAction receive = PipelineSchedule.OtherEnd(send);
        int sender = schedule.Placement[send.Chunk], receiver = schedule.Placement[receive.Chunk];
        using IEnumerator<int> sends = Places(schedule, sender, send).GetEnumerator();
        foreach (int action in Places(schedule, receiver, receive))
        {
            if (!sends.MoveNext())
                throw CheckFault.At(schedule, receiver, action, $"has no matching {send.Kind.Name()} on rank {sender}");
            if (schedule.Programs[sender][sends.Current].MicroBatch != schedule.Programs[receiver][action].MicroBatch)
            {
                throw CheckFault.At(schedule, receiver, action,
                    $"meets {CheckFault.Place(schedule, sender, sends.Current)}; both ends of a channel have micro-batches in the same order");
            }
        }

        if (sends.MoveNext())
            throw CheckFault.At(schedule, sender, sends.Current, $"has no matching {receive.Kind.Name()} on rank {receiver}");
    }

    private static IEnumerable<int> Places(PipelineSchedule schedule, int rank, PipelineAction end)
    {
        for (int action = 0; action < schedule.Programs[rank].Length; action++)
        {
            if (schedule.Programs[rank][action] is var one && one.Kind == end.Kind && one.Chunk == end.Chunk)
                yield return action;
        }
    }
}
