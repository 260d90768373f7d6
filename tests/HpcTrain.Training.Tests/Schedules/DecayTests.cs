using HpcTrain.Training.Schedules;

namespace HpcTrain.Training.Tests.Schedules;

/// <summary>Rates that fall, and how options name them.</summary>
public sealed class DecayTests
{
    private static readonly LearningRateSchedule Warm = new LinearScaling(BaseRate: 0.1, ReferenceBatch: 64, WarmupEpochs: 2);

    [TestCase("constant", 9, 0.8)]
    [TestCase("step:4,8", 1, 0.45)]
    [TestCase("step:4,8", 3.99, 0.8)]
    [TestCase("step:4,8", 4, 0.08)]
    [TestCase("step:4,8", 8, 0.008)]
    [TestCase("step:4,8@0.5", 9, 0.2)]
    [TestCase("step:4.5@2", 5, 1.6)]
    [TestCase("cosine", 1, 0.45)]
    [TestCase("cosine", 2, 0.8)]
    [TestCase("cosine", 6, 0.4)]
    [TestCase("cosine", 4, 0.8 * 0.85355339059327)]
    [TestCase("cosine", 10, 0)]
    [TestCase("poly", 6, 0.4)]
    [TestCase("poly:2", 6, 0.2)]
    [TestCase("poly:2", 10, 0)]
    [TestCase("poly:2", 11, 0)]
    public void The_rate_falls_as_the_text_says(string text, double epoch, double rate)
        => Assert.That(ScheduleText.Parse(text, Warm, from: 2, to: 10).At(epoch, 64 * 8), Is.EqualTo(rate).Within(1e-9));

    [TestCase("")]
    [TestCase("steps:3")]
    [TestCase("constant:3")]
    [TestCase("step")]
    [TestCase("step:")]
    [TestCase("step:3,2")]
    [TestCase("step:3,x")]
    [TestCase("step:3@0")]
    [TestCase("step:3@0.1@2")]
    [TestCase("cosine:3")]
    [TestCase("poly:-1")]
    [TestCase("poly:NaN")]
    public void Anything_else_is_a_sentence(string text)
        => Assert.That(() => ScheduleText.Parse(text, Warm, 2, 10), Throws.TypeOf<TrainingException>().With.Message.StartsWith($"--schedule is {text}: it must be constant, step:"));

    [Test]
    public void A_curve_needs_time_after_the_warm_up()
        => Assert.That(() => ScheduleText.Parse("cosine", Warm, 3, 3), Throws.TypeOf<TrainingException>().With.Message.Contains("train for more epochs"));
}
