using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Testing;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>Every algorithm of every collective on real ranks, under both MPIs.</summary>
public sealed class MpiCollectiveTests
{
    [RankTest(2, 3, 4)]
    public void Every_algorithm_matches_the_reference(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world);
        int round = 0;
        foreach ((CollectiveKind collective, string name) in TestAlgorithms.All.Where(algorithm => algorithm.Collective != CollectiveKind.Barrier))
        {
            round++;
            int root = collective.HasRoot() ? round % world.Size : 0;
            new CollectiveCase(collective, name, world.Size, root, Count: round * 31, ElementType.I32, InPlace: round % 2 == 0, round) { SegmentBytes = 512 }.CheckRank(communicator);
        }
    }

    [RankTest(2, 3, 4)]
    public void Barriers_end(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world);
        foreach (Algorithm algorithm in AlgorithmCatalog.Of(CollectiveKind.Barrier))
        {
            for (int round = 0; round < 10; round++)
                Assert.That(communicator.Barrier(new() { Algorithm = algorithm.Name }).Algorithm, Is.EqualTo(algorithm.Name));
        }
    }
}
