using System.Collections.Immutable;
using System.Numerics;
using HpcTrain.Collectives.Verification;

namespace HpcTrain.Collectives.Msccl;

/// <summary>Makes an MSCCL algorithm of a schedule.</summary>
internal static class MscclExport
{
    // Idea. Chunks of MSCCL have equal lengths, so a chunk of weight w becomes w/g of them, g being the greatest common divisor of all weights.
    // A lane becomes thread blocks, as many as it has peers in one direction; a block that receives and one that sends become one where
    // that fuses steps. Data lies in the input, or in the output where that is the longer one, and the algorithm works in place; only an all-to-all has an
    // input and an output.
    public static MscclAlgorithm Run(Schedule schedule, int mostChunks)
    {
        if (schedule.Collective == CollectiveKind.Barrier)
            throw new ScheduleException($"Schedule '{schedule.Algorithm}' is a barrier, which MSCCL files cannot say.");
        SymbolicRun run = ScheduleVerifier.Prove(schedule);
        long divisor = (long)schedule.Chunks.Aggregate(BigInteger.Zero, (all, chunk) => BigInteger.GreatestCommonDivisor(all, chunk.Weight));
        Int128 total = 0;
        foreach (Chunk chunk in schedule.Chunks)
            total += chunk.Weight / divisor;
        Int128 perRank = schedule.Collective == CollectiveKind.AllToAll ? total / schedule.Ranks : total;
        if (perRank > mostChunks)
        {
            throw new ScheduleException(
                $"Schedule '{schedule.Algorithm}' would need {perRank} chunks of equal length, but MSCCL counts {mostChunks} at most; "
                + "make one with fewer chunks or simpler weights.");
        }

        ImmutableArray<int> starts = Starts(schedule.Chunks, divisor);
        MscclGpu[] gpus = [.. Enumerable.Range(0, schedule.Ranks).Select(rank => new MscclGpuWriter(run, rank, starts).Write((int)perRank))];
        return new(schedule.Algorithm, schedule.Collective, schedule.Root, (int)perRank, schedule.Collective != CollectiveKind.AllToAll, gpus);
    }

    /// <summary>Where each chunk begins, counted in chunks of equal length over all of them, and where the last one ends.</summary>
    private static ImmutableArray<int> Starts(ImmutableArray<Chunk> chunks, long divisor)
    {
        var starts = ImmutableArray.CreateBuilder<int>(chunks.Length + 1);
        int start = 0;
        foreach (Chunk chunk in chunks)
        {
            starts.Add(start);
            start += (int)(chunk.Weight / divisor);
        }

        starts.Add(start);
        return starts.MoveToImmutable();
    }
}
