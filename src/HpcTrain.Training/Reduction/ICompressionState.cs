namespace HpcTrain.Training.Reduction;

/// <summary>What a way of sending gradients keeps from step to step on each rank, so that checkpoints can hold it.</summary>
public interface ICompressionState
{
    /// <summary>What it is; another one's state is not restored.</summary>
    string Name { get; }

    /// <summary>Steps done; part of the state, since random choices depend on it.</summary>
    long Steps { get; }

    /// <summary>State buffers of this rank by name (as "residual"). The arrays are the live state: reading saves it, writing restores it.</summary>
    IReadOnlyDictionary<string, float[]> State { get; }

    /// <summary>Sets the step count after the <see cref="State"/> buffers were restored.</summary>
    void RestoreSteps(long steps);
}
