namespace HpcTrain.Training.Reduction;

/// <summary>One allreduce in f32. It sends 8 (p-1)/p bytes per element.</summary>
public sealed class PlainReduction : GradientReduction
{
    /// <inheritdoc/>
    public override string Name => "none";

    /// <inheritdoc/>
    protected override void Apply(GradientBucket bucket, Span<float> gradients) => SumPlainly(gradients);
}
