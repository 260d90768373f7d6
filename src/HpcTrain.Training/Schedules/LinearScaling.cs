namespace HpcTrain.Training.Schedules;

/// <summary>
/// The linear scaling rule with gradual warm-up (Goyal et al., "Accurate, Large Minibatch SGD", arXiv 1706.02677,
/// sections 2.1 and 2.2): a global batch k times the reference batch takes k times the base rate. Early on the model
/// changes too fast for that, so the rate climbs linearly from the base rate to the scaled one over the warm-up epochs.
/// A batch smaller than the reference takes a smaller rate and no warm-up.
/// </summary>
/// <param name="BaseRate">The learning rate that suits the reference batch.</param>
/// <param name="ReferenceBatch">Samples per step, over all ranks, for which the base rate was chosen.</param>
/// <param name="WarmupEpochs">Length of the warm-up, in epochs; 0 for none.</param>
public sealed record LinearScaling(double BaseRate, int ReferenceBatch, double WarmupEpochs) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double At(double epoch, long globalBatch)
    {
        var scaled = BaseRate * globalBatch / ReferenceBatch;
        return scaled <= BaseRate || epoch >= WarmupEpochs
            ? scaled
            : BaseRate + ((scaled - BaseRate) * (epoch / WarmupEpochs));
    }
}
