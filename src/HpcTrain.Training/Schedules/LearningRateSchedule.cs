namespace HpcTrain.Training.Schedules;

/// <summary>The learning rate as a function of how far training is; no state, so a resumed run follows the same curve.</summary>
public abstract record LearningRateSchedule
{
    /// <summary>The learning rate of a step.</summary>
    /// <param name="epoch">Epochs done when the step begins, with the fraction of the current one.</param>
    /// <param name="globalBatch">Samples per step over all ranks.</param>
    public abstract double At(double epoch, long globalBatch);
}
