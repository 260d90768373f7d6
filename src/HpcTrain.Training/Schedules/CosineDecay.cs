namespace HpcTrain.Training.Schedules;

/// <summary>Another schedule's rate, which falls to 0 along half a cosine (Loshchilov and Hutter, arXiv 1608.03983, equation 5, without restarts).</summary>
/// <param name="Inner">The rate at the top, warm-up included.</param>
/// <param name="From">The epoch at which it begins to fall: the end of the warm-up.</param>
/// <param name="To">The epoch at which it is 0; more than <paramref name="From"/>.</param>
public sealed record CosineDecay(LearningRateSchedule Inner, double From, double To) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double At(double epoch, long globalBatch)
    {
        var done = Math.Clamp((epoch - From) / (To - From), 0, 1);
        return Inner.At(epoch, globalBatch) * (1 + Math.Cos(Math.PI * done)) / 2;
    }
}
