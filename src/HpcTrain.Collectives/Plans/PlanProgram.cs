using System.Runtime.InteropServices;

namespace HpcTrain.Collectives.Plans;

/// <summary>Writes a rank's program of a plan.</summary>
internal static class PlanProgram
{
    // Idea. A rank has a lane for each peer, direction and channel: its links to different peers are different links, and none of them should wait for another. What has
    // to be ordered across lanes is the story of each chunk: the children's sums are added one after the other, then the sum goes to the parent; then the result comes from
    // there, or is complete at the root, and goes to the children. Each step waits for the one before, and all that goes down for what wrote it.
    public static RankProgram Write(IEnumerable<PlanMessage> messages, int rank, int chunks)
    {
        var program = new ProgramBuilder();
        var lanes = new Dictionary<(int Peer, int Channel, bool Sends), LaneBuilder>();
        var written = new InstructionId?[chunks];
        var sentUp = new InstructionId?[chunks];
        foreach (PlanMessage message in messages)
        {
            int t = message.Tree;
            bool sends = message.Edge.From == rank;
            int peer = sends ? message.Edge.To : message.Edge.From;
            ref LaneBuilder? lane = ref CollectionsMarshal.GetValueRefOrAddDefault(lanes, (peer, message.Channel, sends), out _);
            lane ??= program.Lane(message.Channel);
            InstructionId[] after = (!sends && !message.IsUp ? sentUp[t] : written[t]) is { } id ? [id] : [];
            if (!sends)
                written[t] = message.IsUp ? lane.RecvReduce(peer, BufferId.Data, t, after) : lane.Recv(peer, BufferId.Data, t, after);
            else if (lane.Send(peer, BufferId.Data, t, after) is var sent && message.IsUp)
                sentUp[t] = sent;
        }

        return program.Build();
    }
}
