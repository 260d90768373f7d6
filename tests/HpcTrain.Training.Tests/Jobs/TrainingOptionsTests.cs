using System.Reflection;
using HpcTrain.Training.Jobs;

namespace HpcTrain.Training.Tests.Jobs;

public sealed class TrainingOptionsTests
{
    [TestCase(nameof(TrainingOptions.Ranks), 0, "--ranks")]
    [TestCase(nameof(TrainingOptions.Epochs), 0, "--epochs")]
    [TestCase(nameof(TrainingOptions.Batch), 0, "--batch")]
    [TestCase(nameof(TrainingOptions.Accumulate), 0, "--accumulate")]
    [TestCase(nameof(TrainingOptions.ClipNorm), 0.0, "--clip-norm")]
    [TestCase(nameof(TrainingOptions.BucketMebibytes), 0.0, "--bucket-size")]
    [TestCase(nameof(TrainingOptions.LearningRate), 0.0, "--learning-rate")]
    [TestCase(nameof(TrainingOptions.LearningRate), double.NaN, "--learning-rate")]
    [TestCase(nameof(TrainingOptions.ReferenceBatch), -1, "--reference-batch")]
    [TestCase(nameof(TrainingOptions.WarmupEpochs), -0.5, "--warmup-epochs")]
    [TestCase(nameof(TrainingOptions.Momentum), 1.0, "--momentum")]
    [TestCase(nameof(TrainingOptions.WeightDecay), -1e-4, "--weight-decay")]
    [TestCase(nameof(TrainingOptions.Keep), 0, "--keep")]
    [TestCase(nameof(TrainingOptions.LogEvery), 0, "--log-every")]
    [TestCase(nameof(TrainingOptions.WarmupSteps), -1, "--warmup-steps")]
    [TestCase(nameof(TrainingOptions.Threads), 0, "--threads")]
    [TestCase(nameof(TrainingOptions.CacheMebibytes), 0, "--cache")]
    public void A_value_that_cannot_be_is_named_with_what_it_must_be(string property, object value, string option)
    {
        var options = Sensible();
        typeof(TrainingOptions).GetProperty(property, BindingFlags.Public | BindingFlags.Instance)!.SetValue(options, value);
        Assert.That(options.Validate, Throws.TypeOf<TrainingException>().With.Message.StartsWith(option + " is ").And.Message.Contains("must be"));
    }

    [Test]
    public void Resume_and_a_new_run_folder_exclude_each_other()
    {
        var options = Sensible();
        options.Resume = "a";
        options.RunDirectory = "b";
        Assert.That(options.Validate, Throws.TypeOf<TrainingException>());
    }

    [Test]
    public void Sensible_values_pass() => Assert.That(Sensible().Validate, Throws.Nothing);

    private static TrainingOptions Sensible()
        => global::CommandLine.Parser.Default.ParseArguments<TrainingOptions>([]).Value;
}
