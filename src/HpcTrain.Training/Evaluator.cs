using System.Diagnostics;
using HpcTrain.Data;
using HpcTrain.Mpi;
using HpcTrain.Training.Jobs;
using static TorchSharp.torch;

namespace HpcTrain.Training;

/// <summary>A pass over held-out data: mean loss per sample, percent right, samples per second; over all ranks.</summary>
internal readonly record struct Evaluation(double Loss, double? Accuracy, double SamplesPerSecond, double Seconds);

/// <summary>Evaluates the model on a dataset that the ranks share among them; each keeps its loader and its cache.</summary>
internal sealed class Evaluator(TrainingPlan plan, Intracommunicator world, Loader loader) : IDisposable
{
    private readonly BatchTensors _inputs = new(plan.Input.Field);
    private readonly BatchTensors _targets = new(plan.Target.Field);

    /// <summary>One pass; a collective call. The model is back in training mode afterwards.</summary>
    public Evaluation Run()
    {
        var watch = Stopwatch.StartNew();
        Span<double> sums = [0, 0, 0];
        plan.Model.eval();
        using (no_grad())
        {
            while (loader.Next() is { } batch)
            {
                if (batch.Count == 0)
                {
                    continue;
                }

                using var scope = NewDisposeScope();
                var target = _targets.Wrap(batch);
                var output = plan.Model.call(_inputs.Wrap(batch));
                sums[0] += plan.Loss(output, target).item<float>() * (double)batch.Count;
                sums[1] += plan.CountCorrect?.Invoke(output, target) ?? 0;
                sums[2] += batch.Count;
            }
        }

        plan.Model.train();
        world.AllReduce(sums, MpiOp.Sum);
        var seconds = watch.Elapsed.TotalSeconds;
        return new Evaluation(sums[0] / sums[2], plan.CountCorrect is null ? null : 100 * sums[1] / sums[2], sums[2] / seconds, seconds);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _inputs.Dispose();
        _targets.Dispose();
        loader.Dispose();
    }
}
