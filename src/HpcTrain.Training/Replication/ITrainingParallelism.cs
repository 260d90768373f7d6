using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Reduction;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>
/// How the ranks of a training work together: what they exchange, when, and who waits for whom. <c>--parallel</c> chooses one; the training loop is the same for all.
/// </summary>
/// <remarks>
/// A step is: for each micro-batch forward and <see cref="Backward"/> (or <see cref="WithoutSamples"/>), then <see cref="FinishBackward"/>, <see cref="Step"/> and
/// <see cref="Publish"/>. All ranks take the same number of steps, but not all ways of working together take them at the same time: before anything else that is
/// collective, and between steps only, the ranks <see cref="Settle"/>.
/// </remarks>
public interface ITrainingParallelism : IDisposable
{
    /// <summary>The model in flat buffers.</summary>
    FlatModel Model { get; }

    /// <summary>How the last exchange between ranks really was done; null before the first.</summary>
    string? Algorithm { get; }

    /// <summary>Who steps what, in words for logs and the summary.</summary>
    string Division { get; }

    /// <summary>Whether ranks exchange gradients while backward goes on.</summary>
    bool Overlaps { get; }

    /// <summary>How gradients are compressed, with the state that belongs into checkpoints; null where they are not.</summary>
    ICompressionState? Compression { get; }

    /// <summary>How gradients travel, as "none" or "int8".</summary>
    string CompressionName => Compression?.Name ?? "none";

    /// <summary>What this rank has sent for gradients, in bytes, wherever the ranks are, see <see cref="GradientReduction.SentBytes"/>; null where nothing counts it.</summary>
    long? SentBytes => null;

    /// <summary>How losses are scaled, with its state; null where they are not.</summary>
    LossScaling? LossScaling => null;

    /// <summary>What is to be told of the run at its end, one sentence; null for nothing.</summary>
    string? Report => null;

    /// <summary>Ticks of <see cref="System.Diagnostics.Stopwatch"/> that steps have spent letting other ranks' parameters arrive inside of <see cref="Step"/>, waiting included.</summary>
    long PublishTicks => 0;

    /// <summary>Is told of backward and of sums, where gradients are summed; null for nobody.</summary>
    internal ReplicaTrace? Trace
    {
        get => null;
        set { }
    }

    /// <summary>Is told of each collective; null for nobody.</summary>
    CollectiveObserver? Observer { get; set; }

    /// <summary>Gives the optimizer the state that this rank's part of the step needs.</summary>
    void Prepare(FlatOptimizer optimizer);

    /// <summary>Backward of one micro-batch.</summary>
    /// <param name="loss">A scalar: the mean loss of the samples. It stays the caller's.</param>
    /// <param name="count">Samples that this rank has in the micro-batch, at least 1.</param>
    /// <param name="samplesOfStep">Samples that all ranks have in the whole step.</param>
    /// <param name="last">Whether it is the step's last micro-batch.</param>
    void Backward(Tensor loss, int count, int samplesOfStep, bool last);

    /// <summary>Takes the place of <see cref="Backward"/> on a rank that has no samples in a micro-batch.</summary>
    void WithoutSamples();

    /// <summary>Waits for what the step needs of other ranks.</summary>
    /// <param name="maxNorm">The norm that <see cref="Step"/> will be asked for.</param>
    void FinishBackward(double? maxNorm = null);

    /// <summary>Takes the step, or as much of it as this rank takes itself.</summary>
    /// <param name="optimizer">The optimizer, which <see cref="Prepare"/> has seen.</param>
    /// <param name="learningRate">The learning rate of this step, for the batch of all ranks together.</param>
    /// <param name="maxNorm">The largest norm of gradients; null: any.</param>
    /// <returns>False where losses are scaled and a gradient is not finite on some rank: then nothing has changed.</returns>
    bool Step(FlatOptimizer optimizer, double learningRate, double? maxNorm = null);

    /// <summary>What <see cref="Publish"/> is called in timelines; null where there is nothing left to do after <see cref="Step"/>.</summary>
    string? Exchange => null;

    /// <summary>Shares the step with other ranks, where <see cref="Step"/> has not done that, and takes from them what is due.</summary>
    void Publish()
    {
    }

    /// <summary>
    /// A collective call between steps: waits until every rank has come here and nothing is on its way between them. Until the next step the ranks may use collectives.
    /// </summary>
    void Settle()
    {
    }

    /// <summary>A collective call between steps: settles, and makes all replicas equal, with buffers (as batch norm's statistics) as the policy says.</summary>
    void SynchronizeState();

    /// <summary>Checks that all ranks hold the same parameter bits, after <see cref="SynchronizeState"/>; a collective call.</summary>
    /// <exception cref="TrainingException">They do not; the first parameter and rank that differ are named.</exception>
    void CheckEqual();

    /// <summary>The whole state of an optimizer, in the layout of the parameters, on every rank; a collective call after <see cref="SynchronizeState"/>.</summary>
    IReadOnlyDictionary<string, float[]> GatherState(FlatOptimizer optimizer);

    /// <summary>Gives the optimizer this rank's part of a state buffer that is in the layout of the parameters. Not a collective call.</summary>
    void RestoreState(FlatOptimizer optimizer, string name, ReadOnlySpan<float> whole);
}
