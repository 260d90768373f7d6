using HpcTrain.Data;
using HpcTrain.Runs;
using HpcTrain.Training.Optimizers;
using HpcTrain.Training.Schedules;
using static TorchSharp.torch;

namespace HpcTrain.Training.Jobs;

/// <summary>The loss of a batch: mean over its samples of model output [n, ...] against target [n, ...], a scalar tensor.</summary>
public delegate Tensor LossFunction(Tensor output, Tensor target);

/// <summary>What a job trains: the few things that differ from one job to the next.</summary>
public sealed record TrainingPlan
{
    /// <summary>The model: input [n, ...] to output [n, ...]. Its trained parameters are f32 on the CPU.</summary>
    public required nn.Module<Tensor, Tensor> Model { get; init; }

    /// <summary>The loss, a mean over the samples.</summary>
    public required LossFunction Loss { get; init; }

    /// <summary>The training samples.</summary>
    public required ShardedDataset Training { get; init; }

    /// <summary>Held-out samples, evaluated after each epoch; null for none.</summary>
    public ShardedDataset? Test { get; init; }

    /// <summary>The field that the model takes.</summary>
    public required FieldTransform Input { get; init; }

    /// <summary>The field that the loss compares with.</summary>
    public required FieldTransform Target { get; init; }

    /// <summary>What samples are called where their number per second is told, in the plural.</summary>
    public string SampleNoun { get; init; } = "images";

    /// <summary>The optimizer.</summary>
    public required FlatOptimizer Optimizer { get; init; }

    /// <summary>The learning rate over time.</summary>
    public required LearningRateSchedule LearningRate { get; init; }

    /// <summary>
    /// How many samples of a batch are right, from output and target; null where that means nothing. The default compares
    /// the largest output with an integer target.
    /// </summary>
    public Func<Tensor, Tensor, long>? CountCorrect { get; init; } = Classified;

    /// <summary>
    /// What remains to be done with the trained model, on rank 0 before the figures of the run are printed; the text that it
    /// returns is printed, too. Null for nothing.
    /// </summary>
    public Func<RunFolder, string>? AfterTraining { get; init; }

    /// <summary>Counts the samples whose largest output stands at the target's index.</summary>
    public static long Classified(Tensor output, Tensor target)
    {
        using var scope = NewDisposeScope();
        return output.argmax(1).eq(target).sum().item<long>();
    }
}
