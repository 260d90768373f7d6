using CommandLine;
using HpcTrain.Training.Jobs;

namespace HpcTrain.Training.Tests.Jobs;

public sealed class ArgumentListTests
{
    [TestCase("--epochs 3 --batch 8", "--epochs 5", "--epochs 5 --batch 8")]
    [TestCase("--epochs=3", "--epochs 5", "--epochs 5")]
    [TestCase("--no-eval --epochs 3", "--epochs=4", "--no-eval --epochs=4")]
    [TestCase("--epochs 3 --no-eval", "--no-eval --seed -5", "--epochs 3 --no-eval --seed -5")]
    [TestCase("", "--no-eval", "--no-eval")]
    public void Options_given_again_win_and_the_others_stay(string stored, string given, string expected)
        => Assert.That(string.Join(' ', ArgumentList.Merge(Words(stored), Words(given), typeof(Options))), Is.EqualTo(expected));

    [TestCase("--ranks 4 --epochs 2", "--epochs 2")]
    [TestCase("--ranks=4", "")]
    [TestCase("--epochs 2", "--epochs 2")]
    public void An_option_can_be_left_out_with_its_value(string arguments, string expected)
        => Assert.That(string.Join(' ', ArgumentList.Without(Words(arguments), "ranks", typeof(Options))), Is.EqualTo(expected));

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private sealed class Options : TrainingOptions
    {
        [Option("model")]
        public string Model { get; set; } = "";
    }
}
