using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Tests.Reduction;

/// <summary>Reductions by name.</summary>
public sealed class ReductionTextTests
{
    [TestCase("none", typeof(PlainReduction))]
    [TestCase("f16", typeof(HalfReduction))]
    [TestCase("bf16", typeof(HalfReduction))]
    [TestCase("int8", typeof(Int8Reduction))]
    [TestCase("top-k:0.01", typeof(TopKReduction))]
    [TestCase("top-k:1000", typeof(TopKReduction))]
    [TestCase("powersgd:4", typeof(PowerSgdReduction))]
    public void Names_lead_to_reductions_and_back(string text, Type type)
    {
        var reduction = ReductionText.Parse(text, seed: 1);
        Assert.That(reduction, Is.TypeOf(type));
        Assert.That(reduction.Name, Is.EqualTo(text));
    }

    [TestCase("fp16", ReductionText.Forms)]
    [TestCase("", ReductionText.Forms)]
    [TestCase("none:1", ReductionText.Forms)]
    [TestCase("int8:2", ReductionText.Forms)]
    [TestCase("top-k", ReductionText.Forms)]
    [TestCase("top-k:", "top-k:0.01")]
    [TestCase("top-k:1.5", "top-k:1000")]
    [TestCase("top-k:0", "FRACTION above 0")]
    [TestCase("top-k:NaN", "FRACTION above 0")]
    [TestCase("powersgd", ReductionText.Forms)]
    [TestCase("powersgd:0", "from 1 to 1024")]
    [TestCase("powersgd:2.5", "whole number")]
    [TestCase("powersgd:x", "as powersgd:4")]
    public void What_is_wrong_is_said_in_a_sentence(string text, string expected)
        => Assert.That(() => ReductionText.Parse(text, seed: 1), Throws.TypeOf<TrainingException>().With.Message.StartsWith($"--compress is {text}: it must be").And.Message.Contains(expected));
}
