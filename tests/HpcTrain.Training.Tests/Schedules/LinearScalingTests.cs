using HpcTrain.Training.Schedules;

namespace HpcTrain.Training.Tests.Schedules;

public sealed class LinearScalingTests
{
    private readonly LinearScaling _schedule = new(BaseRate: 0.1, ReferenceBatch: 64, WarmupEpochs: 2);

    [Test]
    public void The_reference_batch_takes_the_base_rate_from_the_first_step()
        => Assert.That(new[] { _schedule.At(0, 64), _schedule.At(1, 64), _schedule.At(9, 64) }, Is.All.EqualTo(0.1));

    [Test]
    public void K_times_the_batch_takes_k_times_the_rate_after_warm_up()
    {
        Assert.That(_schedule.At(2, 64 * 8), Is.EqualTo(0.8).Within(1e-12));
        Assert.That(_schedule.At(30, 64 * 8), Is.EqualTo(0.8).Within(1e-12));
    }

    [Test]
    public void Warm_up_climbs_linearly_from_the_base_rate()
    {
        Assert.That(_schedule.At(0, 64 * 8), Is.EqualTo(0.1).Within(1e-12));
        Assert.That(_schedule.At(1, 64 * 8), Is.EqualTo(0.45).Within(1e-12));
        Assert.That(_schedule.At(1.5, 64 * 8), Is.EqualTo(0.625).Within(1e-12));
    }

    [Test]
    public void A_smaller_batch_takes_a_smaller_rate_at_once()
        => Assert.That(_schedule.At(0, 32), Is.EqualTo(0.05).Within(1e-12));

    [Test]
    public void No_warm_up_means_the_scaled_rate_at_once()
        => Assert.That(new LinearScaling(0.1, 64, 0).At(0, 128), Is.EqualTo(0.2).Within(1e-12));
}
