using System.Collections.Immutable;

namespace HpcTrain.Collectives.Msccl;

/// <summary>Makes a schedule of an MSCCL algorithm.</summary>
internal static class MscclImport
{
    // Idea. A thread block becomes two lanes, one that sends and one that receives and works locally, since a lane does not buffer what it
    // sends. The symbolic run gives an order of each GPU's steps and the chunks that they move; a placement gives the buffers. Written down
    // in that order, an instruction waits for those before it that touch the same chunk of the same buffer, one of them writing, and for
    // nothing else: the dependencies of the file have done their work when they ordered the steps.
    public static Schedule Run(MscclAlgorithm algorithm)
    {
        var run = new MscclRun(algorithm);
        run.Run();
        var placements = new MscclPlacement[algorithm.Ranks];
        for (int rank = 0; rank < algorithm.Ranks; rank++)
        {
            MscclOrder.Check(algorithm, rank, run.Places[rank], run.Order[rank].Select(step => step.Id));
            placements[rank] = new(run.Places[rank], run.Order[rank]);
        }

        ImmutableArray<RankProgram> programs = [.. run.Order.Select((order, rank) => new MscclProgramWriter(placements, algorithm, rank).Write(order))];
        return new(algorithm.Collective, algorithm.Name, Chunks(algorithm), programs, algorithm.Root);
    }

    private static ImmutableArray<Chunk> Chunks(MscclAlgorithm algorithm)
    {
        int perRank = algorithm.Chunks / algorithm.Ranks;
        return algorithm.Collective switch
        {
            CollectiveKind.AllToAll =>
                [.. Enumerable.Range(0, algorithm.Ranks * algorithm.Chunks).Select(c => new Chunk(1, c / algorithm.Chunks, c % algorithm.Chunks / perRank))],
            _ when algorithm.Collective.HasOwners() => [.. Enumerable.Range(0, algorithm.Chunks).Select(c => new Chunk(1, c / perRank))],
            _ => Schedule.EqualChunks(algorithm.Chunks),
        };
    }
}
