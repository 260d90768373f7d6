using System.Globalization;

namespace HpcTrain.Training.Schedules;

/// <summary>Schedules as options name them: <c>constant</c>, <c>step:30,60,80</c>, <c>step:2,3@0.5</c>, <c>cosine</c>, <c>poly</c>, <c>poly:2</c>.</summary>
public static class ScheduleText
{
    private const double UsualFactor = 0.1;

    /// <summary>What is expected, for errors and help texts.</summary>
    public const string Forms = "constant, step:EPOCH,EPOCH,...[@FACTOR], cosine or poly[:POWER]";

    /// <summary>Lets a rate fall as the text says.</summary>
    /// <param name="text">The text.</param>
    /// <param name="inner">The rate that falls, warm-up included.</param>
    /// <param name="from">The epoch at which a curve begins: the end of the warm-up.</param>
    /// <param name="to">The epoch at which training ends.</param>
    /// <exception cref="TrainingException">The text is none of the forms, or the warm-up leaves no time for a curve.</exception>
    public static LearningRateSchedule Parse(string text, LearningRateSchedule inner, double from, double to)
    {
        var (name, rest) = text.Split(':', 2) is [var left, var right] ? (left, right) : (text, null);
        return name switch
        {
            "constant" when rest is null => inner,
            "step" when rest is not null => Steps(text, rest, inner),
            "cosine" when rest is null => new CosineDecay(inner, Curve(text, from, to), to),
            "poly" => new PolynomialDecay(inner, Curve(text, from, to), to, rest is null ? 1 : Number(text, rest)),
            _ => throw Wrong(text),
        };
    }

    private static StepDecay Steps(string text, string rest, LearningRateSchedule inner)
    {
        var parts = rest.Split('@');
        double[] milestones = [.. parts[0].Split(',').Select(word => Number(text, word))];
        return parts.Length <= 2 && milestones.Zip(milestones.Skip(1)).All(pair => pair.First < pair.Second)
            ? new StepDecay(inner, milestones, parts.Length == 2 ? Number(text, parts[1]) : UsualFactor)
            : throw Wrong(text);
    }

    private static double Curve(string text, double from, double to) => from < to ? from : throw new TrainingException(FormattableString.Invariant(
        $"--schedule {text} begins after {from} epochs of warm-up and ends with training after {to}: train for more epochs, or warm up for fewer."));

    private static double Number(string text, string word)
        => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 && double.IsFinite(number) ? number : throw Wrong(text);

    private static TrainingException Wrong(string text) => new($"--schedule is {text}: it must be {Forms}, with epochs that rise and numbers above 0.");
}
