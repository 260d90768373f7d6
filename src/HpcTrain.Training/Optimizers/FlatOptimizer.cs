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
    /// State buffers by name (as "momentum"), each as long as the parameters that are stepped here; empty until <see cref="Prepare"/>. The arrays
    /// are the live state: reading saves it, writing restores it.
    /// </summary>
    public abstract IReadOnlyDictionary<string, float[]> State { get; }

    /// <summary>Allocates the state for parameters of this length; zero at first. A rank that owns a part of the parameters needs the state of that part only.</summary>
    public abstract void Prepare(int length);

    /// <summary>One step over all parameters: changes <paramref name="values"/> by <paramref name="gradients"/>.</summary>
    /// <param name="values">Parameters, flat.</param>
    /// <param name="gradients">Averaged gradients, same layout.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <exception cref="InvalidOperationException">The optimizer has to know layers, see <see cref="LayerwiseOptimizer"/>.</exception>
    public void Step(Span<float> values, ReadOnlySpan<float> gradients, double learningRate)
    {
        if (this is LayerwiseOptimizer)
        {
            throw new InvalidOperationException($"{Name} steps layer by layer, each at a rate of its own: train with it through {nameof(DataParallel)}");
        }

        StepPart(values, gradients, 0, learningRate);
        EndStep();
    }

    /// <summary>A step over a part of the parameters. A step goes over each part once, and is ended by <see cref="EndStep"/>.</summary>
    /// <param name="values">The part of the parameters.</param>
    /// <param name="gradients">Their averaged gradients.</param>
    /// <param name="stateOffset">Where the part begins in the <see cref="State"/>.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <exception cref="ArgumentException">The lengths differ, or the state does not hold the part.</exception>
    public void StepPart(Span<float> values, ReadOnlySpan<float> gradients, int stateOffset, double learningRate)
    {
        if (gradients.Length != values.Length)
        {
            throw new ArgumentException($"{values.Length} parameters and {gradients.Length} gradients: a step takes as many of both");
        }

        Apply(values, gradients, stateOffset, learningRate);
    }

    /// <summary>All parts are stepped.</summary>
    public void EndStep() => Steps++;

    /// <summary>Sets the step count after the <see cref="State"/> buffers were restored.</summary>
    public void RestoreSteps(long steps) => Steps = steps;

    /// <summary>The arithmetic of one step over parameters whose state begins at an offset; as many gradients as values.</summary>
    protected abstract void Apply(Span<float> values, ReadOnlySpan<float> gradients, int stateOffset, double learningRate);

    /// <summary>Checks that a state buffer holds a part.</summary>
    /// <exception cref="ArgumentException">It does not.</exception>
    protected static void RequireState(float[] state, int offset, int length)
    {
        if (offset < 0 || offset > state.Length - length)
        {
            throw new ArgumentException($"{length} parameters from {offset} of {state.Length} that have a state: call Prepare with the length first");
        }
    }
}
