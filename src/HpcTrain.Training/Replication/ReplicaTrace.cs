using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Replication;

/// <summary>Is told what replicas do when, in ticks of <see cref="System.Diagnostics.Stopwatch"/>. Backward tells on the thread that computes, sums on the one that communicates.</summary>
internal abstract class ReplicaTrace
{
    /// <summary>Backward begins.</summary>
    public abstract void BackwardBegan(long at);

    /// <summary>Backward is past the layer that holds this parameter.</summary>
    public abstract void BackwardPassed(ParameterSlot slot, long at);

    /// <summary>Backward is over.</summary>
    public abstract void BackwardEnded(long at);

    /// <summary>A bucket was complete, waited for buckets before it, and was summed over the ranks.</summary>
    public abstract void Summed(GradientBucket bucket, long completed, long started, long ended);
}
