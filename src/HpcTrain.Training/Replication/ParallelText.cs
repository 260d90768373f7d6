using System.Globalization;

namespace HpcTrain.Training.Replication;

/// <summary>Ways of working together as options name them: <c>sync</c>, <c>async</c>, <c>ssp:3</c>, <c>hybrid</c>, <c>hybrid:4</c>, <c>local:8</c>, <c>fedprox:8:0.01</c>.</summary>
public static class ParallelText
{
    /// <summary>What is expected, for errors and help texts.</summary>
    public const string Forms = "sync, async, ssp:STALENESS, hybrid, hybrid:GROUP_SIZE, local:STEPS, fedprox or fedprox:STEPS:MU";

    /// <summary>The help text of an option that takes one.</summary>
    public const string Help =
        "How ranks work together: sync (they average gradients in each step), async (a parameter server steps by each rank's gradients as they come), ssp:3 (the same, but no rank "
        + "is more than 3 steps ahead of the slowest; ssp:0: together), hybrid (asynchronous inside a node or group, hybrid:4, and synchronous between them), local:8 (each rank steps alone, and "
        + "all average parameters every 8 steps), fedprox:8:0.01 (the same with a proximal term of weight 0.01).";

    private const int FedProxSteps = 8;
    private const double FedProxMu = 0.01;

    /// <summary>The way that a text names.</summary>
    /// <exception cref="TrainingException">The text is none of the forms.</exception>
    public static ParallelChoice Parse(string text) => text.Split(':') switch
    {
        ["sync"] => new SynchronousChoice(),
        ["async"] => new ServerChoice(text, null),
        ["ssp", var steps] => new ServerChoice(text, Whole(steps) ?? throw Wrong(text, "ssp:STALENESS with a whole number of steps from 0 on, as ssp:3")),
        ["hybrid"] => new HybridChoice(text, null),
        ["hybrid", var size] => new HybridChoice(text, Whole(size) is { } ranks and > 0 ? ranks : throw Wrong(text, "hybrid:GROUP_SIZE with a whole number of ranks from 1 on, as hybrid:4")),
        ["local", var steps] => new LocalChoice(text, Whole(steps) is { } every and > 0 ? every : throw Wrong(text, "local:STEPS with a whole number of steps from 1 on, as local:8"), 0),
        ["fedprox"] => new LocalChoice(text, FedProxSteps, FedProxMu),
        ["fedprox", var steps, var mu] => Whole(steps) is { } every and > 0 && Number(mu) is { } weight and >= 0 && double.IsFinite(weight)
            ? new LocalChoice(text, every, weight) : throw Wrong(text, "fedprox:STEPS:MU with a whole number of steps from 1 on and a weight from 0 on, as fedprox:8:0.01"),
        _ => throw Wrong(text, Forms),
    };

    private static int? Whole(string word) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static double? Number(string word) => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static TrainingException Wrong(string text, string expected) => new($"--parallel is {text}: it must be {expected}.");
}
