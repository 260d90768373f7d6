using HpcTrain.Training.Replication;

namespace HpcTrain.Training.Optimizers;

/// <summary>
/// An optimizer that works on the flat buffers of a <see cref="FlatModel"/>, in one pass, element by element. Its state
/// has the layout of the parameters, so that a checkpoint can name it per parameter.
/// </summary>
public abstract class FlatOptimizer
{
    /// <summary>The optimizer's name in files, as "sgd".</summary>
    public abstract string Name { get; }

    /// <summary>Steps done; part of the state.</summary>
    public long Steps { get; private set; }

    /// <summary>
    /// State buffers by name (as "momentum"), each as long as the parameters; empty until <see cref="Prepare"/>. The arrays
    /// are the live state: reading saves it, writing restores it.
    /// </summary>
    public abstract IReadOnlyDictionary<string, float[]> State { get; }

    /// <summary>Allocates the state for parameters of this length; zero at first.</summary>
    public abstract void Prepare(int length);

    /// <summary>One step: changes <paramref name="values"/> by <paramref name="gradients"/> and sets these to zero for the next backward.</summary>
    /// <param name="values">Parameters, flat.</param>
    /// <param name="gradients">Averaged gradients, same layout; zero afterwards.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    public void Step(Span<float> values, Span<float> gradients, double learningRate)
    {
        Apply(values, gradients, learningRate);
        Steps++;
    }

    /// <summary>Sets the step count after the <see cref="State"/> buffers were restored.</summary>
    public void RestoreSteps(long steps) => Steps = steps;

    /// <summary>The arithmetic of one step; leaves zeros in <paramref name="gradients"/>, best while they are in the cache.</summary>
    protected abstract void Apply(Span<float> values, Span<float> gradients, double learningRate);
}
