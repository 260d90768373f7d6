namespace HpcTrain.Training.Schedules;

/// <summary>The same learning rate at every step, whatever the batch.</summary>
/// <param name="Rate">The learning rate.</param>
public sealed record ConstantRate(double Rate) : LearningRateSchedule
{
    /// <inheritdoc/>
    public override double At(double epoch, long globalBatch) => Rate;
}
