using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Normalises each channel over the batch, and scales and shifts the result.</summary>
public abstract class BatchNorm : NormBase
{
    public BatchNorm(
        long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device? device, ScalarType? dtype,
        string name) : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, name)
    {
    }

    public override Tensor forward(Tensor input)
    {
        ValidateInputDimensions(input);
        // Without running statistics the batch's own serve in evaluation too.
        var byBatch = training || running_mean is null;
        var weightOfBatch = momentum ?? 0.0;
        if (training && num_batches_tracked is { } batches)
        {
            batches.add_(1);
            weightOfBatch = momentum ?? 1.0 / batches.item<long>();
        }

        return nn.functional.batch_norm(input, running_mean, running_var, weight, bias, byBatch, weightOfBatch, eps);
    }
}
