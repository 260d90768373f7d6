namespace HpcTrain.Training.Schedules;

/// <summary>Another schedule's rate, multiplied by a factor at each milestone: the steps of He et al. (arXiv 1512.03385, section 4) and Goyal et al. (arXiv 1706.02677, section 5.1).</summary>
/// <param name="Inner">The rate before any milestone, warm-up included.</param>
/// <param name="Milestones">The epochs at which it falls.</param>
/// <param name="Factor">By what it is multiplied there.</param>
public sealed record StepDecay(LearningRateSchedule Inner, IReadOnlyList<double> Milestones, double Factor) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double At(double epoch, long globalBatch) => Inner.At(epoch, globalBatch) * Math.Pow(Factor, Milestones.Count(milestone => epoch >= milestone));
}
