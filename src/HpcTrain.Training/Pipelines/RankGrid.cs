using HpcTrain.Mpi;

namespace HpcTrain.Training.Pipelines;

/// <summary>Which dimension of a grid of stages and replicas has neighbouring ranks, and so stays inside a node.</summary>
public enum GridOrder
{
    /// <summary>The stages of a replica are neighbours: activations stay inside a node.</summary>
    StagesTogether,

    /// <summary>The replicas of a stage are neighbours: gradients stay inside a node.</summary>
    ReplicasTogether,
}

/// <summary>R replicas of a pipeline of S stages on S x R ranks.</summary>
public sealed class RankGrid : IDisposable
{
    /// <param name="world">All ranks; they stay the caller's. Making the grid is a collective call.</param>
    /// <param name="stages">The stages of a replica.</param>
    /// <param name="order">Which ranks are neighbours.</param>
    /// <exception cref="TrainingException">The ranks are not a multiple of the stages.</exception>
    public RankGrid(Intracommunicator world, int stages, GridOrder order = GridOrder.StagesTogether)
    {
        if (stages < 1 || world.Size % stages != 0)
        {
            throw new TrainingException($"{world.Size} ranks cannot be replicas of {stages} stages: start stages x replicas ranks, a multiple of {stages}.");
        }

        var replicas = world.Size / stages;
        (Stage, Replica) = order == GridOrder.StagesTogether ? (world.Rank % stages, world.Rank / stages) : (world.Rank / replicas, world.Rank % replicas);
        OfReplica = world.Split(Replica, Stage)!;
        OfStage = world.Split(Stage, Replica)!;
    }

    /// <summary>This rank's stage.</summary>
    public int Stage { get; }

    /// <summary>This rank's replica.</summary>
    public int Replica { get; }

    /// <summary>The stages of this rank's replica, by stage.</summary>
    public Intracommunicator OfReplica { get; }

    /// <summary>The replicas of this rank's stage, by replica.</summary>
    public Intracommunicator OfStage { get; }

    /// <summary>Frees the communicators; a collective call.</summary>
    public void Dispose()
    {
        OfStage.Dispose();
        OfReplica.Dispose();
    }
}
