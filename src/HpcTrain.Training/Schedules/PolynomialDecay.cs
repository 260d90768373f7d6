namespace HpcTrain.Training.Schedules;

/// <summary>Another schedule's rate, which falls to 0 as a power of what is left: what large batches with LARS were trained with (You et al., arXiv 1708.03888, section 5).</summary>
/// <param name="Inner">The rate at the top, warm-up included.</param>
/// <param name="From">The epoch at which it begins to fall: the end of the warm-up.</param>
/// <param name="To">The epoch at which it is 0; more than <paramref name="From"/>.</param>
/// <param name="Power">The power; 1 is a straight line.</param>
public sealed record PolynomialDecay(LearningRateSchedule Inner, double From, double To, double Power) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double At(double epoch, long globalBatch)
    {
        var done = Math.Clamp((epoch - From) / (To - From), 0, 1);
        return Inner.At(epoch, globalBatch) * Math.Pow(1 - done, Power);
    }
}
