using System.Globalization;
using HpcTrain.Kernels;

namespace HpcTrain.Training.Reduction;

/// <summary>Reductions as options name them: <c>none</c>, <c>f16</c>, <c>bf16</c>, <c>int8</c>, <c>top-k:0.01</c>, <c>top-k:1000</c>, <c>powersgd:4</c>.</summary>
public static class ReductionText
{
    /// <summary>What is expected, for errors and help texts.</summary>
    public const string Forms = "none, f16, bf16, int8, top-k:FRACTION, top-k:COUNT or powersgd:RANK";

    /// <summary>The help text of an option that takes one.</summary>
    public const string Help =
        "How gradients travel: none (f32), f16, bf16 (half the bytes), int8 (a quarter), top-k:0.01 (the largest hundredth of each bucket; top-k:1000: the 1000 largest), "
        + "powersgd:4 (matrices of rank 4). What top-k and powersgd leave out is kept for later steps.";

    /// <summary>The reduction that a text names.</summary>
    /// <param name="text">The text.</param>
    /// <param name="seed">Seed of what is random in it; the same on all ranks.</param>
    /// <exception cref="TrainingException">The text is none of the forms.</exception>
    public static GradientReduction Parse(string text, long seed)
    {
        var (name, rest) = text.Split(':', 2) is [var left, var right] ? (left, right) : (text, null);
        return (name, rest) switch
        {
            ("none", null) => new PlainReduction(),
            ("f16", null) => new HalfReduction(ElementType.F16),
            ("bf16", null) => new HalfReduction(ElementType.BF16),
            ("int8", null) => new Int8Reduction(seed),
            ("top-k", not null) => new TopKReduction(Number(rest) is { } amount && TopKReduction.IsAmount(amount) ? amount
                : throw Wrong(text, "top-k:FRACTION above 0 and below 1, as top-k:0.01, or top-k:COUNT, as top-k:1000")),
            ("powersgd", not null) => new PowerSgdReduction(Number(rest) is { } rank and >= 1 and <= PowerSgdReduction.MaxRank && double.IsInteger(rank) ? (int)rank
                : throw Wrong(text, $"powersgd:RANK with a whole number from 1 to {PowerSgdReduction.MaxRank}, as powersgd:4"), seed),
            _ => throw Wrong(text, Forms),
        };
    }

    private static double? Number(string word)
        => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static TrainingException Wrong(string text, string expected) => new($"--compress is {text}: it must be {expected}.");
}
