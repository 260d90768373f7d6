using System.Runtime.InteropServices;

namespace HpcTrain.Collectives.Verification;

/// <summary>The checks that need one rank's program only: every name in it exists, and no channel is used by two lanes.</summary>
internal static class StructureCheck
{
    public static void Run(Schedule schedule, int rank, RankProgram program)
    {
        var users = new Dictionary<(int Peer, int Channel, bool Sends), int>();
        for (int l = 0; l < program.Lanes.Length; l++)
        {
            Lane lane = program.Lanes[l];
            if ((uint)lane.Channel >= Schedule.MaxChannels)
                throw Fault.At(schedule, rank, $"has lane {l} on channel {lane.Channel}; channels go from 0 to {Schedule.MaxChannels - 1}");
            for (int i = 0; i < lane.Instructions.Length; i++)
            {
                var id = new InstructionId(l, i);
                if (Wrong(schedule, rank, program, lane, id) is { } what)
                    throw Fault.At(schedule, rank, id, what);
                Instruction instruction = lane.Instructions[i];
                if (!instruction.Operation.IsTransfer())
                    continue;
                var key = (instruction.Peer, lane.Channel, instruction.Operation == Operation.Send);
                ref int user = ref CollectionsMarshal.GetValueRefOrAddDefault(users, key, out bool used);
                if (used && user != l)
                    throw Fault.At(schedule, rank, id, $"shares its peer, direction and channel {lane.Channel} with lane {user}, so messages could be mixed up");
                user = l;
            }
        }
    }

    private static string? Wrong(Schedule schedule, int rank, RankProgram program, Lane lane, InstructionId id)
    {
        Instruction instruction = lane.Instructions[id.Instruction];
        ChunkRange chunks = instruction.Chunks;
        if (instruction.Operation > Operation.Reduce)
            return $"has no known operation";
        if (chunks.First < 0 || chunks.Count < 1 || chunks.Count > schedule.Chunks.Length || chunks.First > schedule.Chunks.Length - chunks.Count)
            return $"names chunks outside 0 to {schedule.Chunks.Length - 1}";
        if (instruction.Operation.IsTransfer())
        {
            if ((uint)instruction.Peer >= (uint)schedule.Ranks)
                return $"names a peer outside 0 to {schedule.Ranks - 1}";
            if (instruction.Peer == rank)
                return "names the rank itself as its peer";
        }
        else if (instruction.Source == instruction.Buffer)
        {
            return "reads and writes the same buffer";
        }

        for (int c = chunks.First; c < chunks.End && schedule.Collective == CollectiveKind.AllToAll; c++)
        {
            bool inData = instruction.Buffer == BufferId.Data || (!instruction.Operation.IsTransfer() && instruction.Source == BufferId.Data);
            if (inData && !Contract.HasPlace(schedule, rank, c))
                return $"keeps chunk {c}, which rank {rank} neither owns nor is the target of, in data; others are passed on in scratch buffers";
        }

        foreach (InstructionId after in lane.After(id.Instruction))
        {
            if ((uint)after.Lane >= (uint)program.Lanes.Length || (uint)after.Instruction >= (uint)program.Lanes[after.Lane].Instructions.Length)
                return $"waits for {after}, which does not exist";
        }

        return null;
    }
}
