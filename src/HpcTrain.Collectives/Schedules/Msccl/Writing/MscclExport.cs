using System.Collections.Immutable;
using System.Globalization;
using HpcTrain.Collectives.Verification;

namespace HpcTrain.Collectives.Msccl;

/// <summary>Makes an MSCCL algorithm of a schedule.</summary>
internal static class MscclExport
{
    // Idea. Chunks of MSCCL have equal lengths, so a chunk becomes as many of them as its weight says (MscclWeights).
    // A lane becomes thread blocks, as many as it has peers in one direction; a block that receives and one that sends become one where
    // that fuses steps. Data lies in the input, or in the output where that is the longer one, and the algorithm works in place; only an all-to-all has an
    // input and an output.
    public static MscclAlgorithm Run(Schedule schedule, int mostChunks, ICollection<string>? notes)
    {
        if (schedule.Collective == CollectiveKind.Barrier)
            throw new ScheduleException($"Schedule '{schedule.Algorithm}' is a barrier, which MSCCL files cannot say.");
        SymbolicRun run = ScheduleVerifier.Prove(schedule);
        MscclWeights weights = MscclWeights.Of(schedule, mostChunks);
        ImmutableArray<int> starts = Starts(weights.Counts);
        int perRank = schedule.Collective == CollectiveKind.AllToAll ? starts[^1] / schedule.Ranks : starts[^1];
        if (weights.Exact != perRank)
        {
            notes?.Add(string.Create(CultureInfo.InvariantCulture,
                $"The chunks' weights are rounded: exact ones need {weights.Exact} chunks of equal length, and MSCCL counts {mostChunks}. With {perRank} no chunk, and no link's load, grows by more than {weights.Growth:0.####%}."));
        }

        MscclGpu[] gpus = [.. Enumerable.Range(0, schedule.Ranks).Select(rank => new MscclGpuWriter(run, rank, starts).Write(perRank))];
        return new(schedule.Algorithm, schedule.Collective, schedule.Root, perRank, schedule.Collective != CollectiveKind.AllToAll, gpus);
    }

    /// <summary>Where each chunk begins, counted in chunks of equal length over all of them, and where the last one ends.</summary>
    private static ImmutableArray<int> Starts(ImmutableArray<int> counts)
    {
        var starts = ImmutableArray.CreateBuilder<int>(counts.Length + 1);
        starts.Add(0);
        foreach (int count in counts)
            starts.Add(starts[^1] + count);
        return starts.MoveToImmutable();
    }
}
