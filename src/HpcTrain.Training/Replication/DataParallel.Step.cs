using System.Diagnostics;
using HpcTrain.Kernels;
using HpcTrain.Training.Optimizers;

namespace HpcTrain.Training.Replication;

/// <content>What happens when gradients are averaged: clipping, the loss scale, the optimizer.</content>
public sealed partial class DataParallel
{
    /// <summary>Averages the gradients if that is not done, limits their norm, and steps; afterwards all ranks have the new parameters.</summary>
    /// <param name="optimizer">The optimizer, which <see cref="Prepare"/> has seen.</param>
    /// <param name="learningRate">The learning rate of this step.</param>
    /// <param name="maxNorm">
    /// The largest norm of all gradients together; longer ones are scaled to it (Pascanu et al., "On the difficulty of training recurrent neural networks", ICML 2013). Null: any.
    /// </param>
    /// <returns>False where losses are scaled and a gradient is not finite on some rank: then nothing has changed.</returns>
    public bool Step(FlatOptimizer optimizer, double learningRate, double? maxNorm = null)
    {
        if (!_isFirstPass)
        {
            FinishBackward(maxNorm);
        }

        var isTaken = true;
        if (_sumsInStep)
        {
            _sumsInStep = false;
            ((NodeWork)_work).SumAndStep(optimizer, learningRate);
        }
        else if (Factor(maxNorm) is { } factor)
        {
            StepParts(optimizer, learningRate, factor);
        }
        else
        {
            isTaken = false;
        }

        var began = Stopwatch.GetTimestamp();
        _work.Publish();
        PublishTicks += Stopwatch.GetTimestamp() - began;
        Model.Refresh();
        if (_options.Buffers == BufferPolicy.EachStep)
        {
            SynchronizeState();
        }

        return isTaken;
    }

    private void StepParts(FlatOptimizer optimizer, double learningRate, double scale)
    {
        foreach (var part in _work.Parts)
        {
            var gradients = Model.Gradients.Slice(part.Offset, part.Length);
            if (scale != 1)
            {
                Scale(gradients, scale);
            }

            if (_layers is null)
            {
                optimizer.StepPart(Model.Values.Slice(part.Offset, part.Length), gradients, part.StateOffset, learningRate);
            }
        }

        if (optimizer is LayerwiseOptimizer layerwise)
        {
            _layers!.Step(layerwise, learningRate);
        }
        else
        {
            optimizer.EndStep();
        }
    }

    /// <summary>What gradients are multiplied with before the step, the same on all ranks; null for a step that is left out.</summary>
    private double? Factor(double? maxNorm)
    {
        if (maxNorm is null && _options.LossScaling is null)
        {
            return 1;
        }

        var scale = _options.LossScaling?.Scale ?? 1;
        GradientNorm = Norm() / scale;
        if (_options.LossScaling is { } scaling)
        {
            var areFinite = double.IsFinite(GradientNorm.Value);
            scaling.Stepped(areFinite);
            if (!areFinite)
            {
                return null;
            }
        }

        return (GradientNorm > maxNorm ? maxNorm.Value / (GradientNorm.Value + 1e-6) : 1) / scale;
    }

    /// <summary>The norm of all gradients: each rank adds up squares of its block in f64, and all add the sums in the order of ranks.</summary>
    private double Norm()
    {
        var mine = 0.0;
        foreach (var bucket in Model.Layout.Buckets)
        {
            var block = _work.OwnBlock(bucket);
            mine += SumOfSquares(Model.Gradients.Slice(block.Offset, block.Length));
        }

        var squares = new double[_collectives.Size];
        _collectives.AllGather<double>([mine], squares);
        return Math.Sqrt(squares.Sum());
    }

    private static unsafe double SumOfSquares(Span<float> values)
    {
        fixed (float* first = values)
        {
            return HostKernels.SumOfSquares(first, values.Length);
        }
    }

    private static unsafe void Scale(Span<float> values, double factor)
    {
        fixed (float* first = values)
        {
            HostKernels.Scale(ElementType.F32, first, values.Length, factor);
        }
    }
}
