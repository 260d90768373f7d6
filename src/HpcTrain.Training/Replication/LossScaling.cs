namespace HpcTrain.Training.Replication;

/// <summary>
/// What a loss is multiplied with before backward, and gradients are divided by after it, so that small gradients do not vanish in 16 bits (Micikevicius et al., "Mixed Precision
/// Training", ICLR 2018, section 3.2). A step whose gradients are not all finite on all ranks is left out; a dynamic scale is halved then, and doubled after
/// many steps without one.
/// </summary>
/// <param name="scale">The scale to begin with: a positive number, best a power of two.</param>
/// <param name="isDynamic">Whether it changes.</param>
public sealed class LossScaling(double scale = LossScaling.FirstScale, bool isDynamic = true)
{
    /// <summary>The scale that a dynamic one begins with.</summary>
    public const double FirstScale = 65536;

    /// <summary>Steps without overflow after which a dynamic scale is doubled.</summary>
    public const int GrowthInterval = 2000;

    private const double LeastScale = 1;
    private const double MostScale = 1 << 24;

    /// <summary>The scale of the next backward, the same on all ranks; part of the state.</summary>
    public double Scale { get; private set; } = scale;

    /// <summary>Steps since the scale changed; part of the state.</summary>
    public int StepsAtScale { get; private set; }

    /// <summary>Steps left out since the start.</summary>
    public long Skipped { get; private set; }

    /// <summary>Whether the scale changes.</summary>
    public bool IsDynamic => isDynamic;

    /// <summary>Goes on from a saved state.</summary>
    public void Restore(double savedScale, int stepsAtScale) => (Scale, StepsAtScale) = (savedScale, stepsAtScale);

    /// <summary>A step's gradients are known.</summary>
    /// <param name="areFinite">Whether all are finite, on all ranks.</param>
    internal void Stepped(bool areFinite)
    {
        if (!areFinite)
        {
            Skipped++;
            StepsAtScale = 0;
            Scale = isDynamic ? Math.Max(LeastScale, Scale / 2) : Scale;
        }
        else if (++StepsAtScale >= GrowthInterval && isDynamic)
        {
            StepsAtScale = 0;
            Scale = Math.Min(MostScale, Scale * 2);
        }
    }
}
