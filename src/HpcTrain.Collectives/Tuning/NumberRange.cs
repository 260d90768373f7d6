using System.Globalization;

namespace HpcTrain.Collectives;

/// <summary>A range of whole numbers; both ends belong to it.</summary>
/// <param name="Least">The smallest.</param>
/// <param name="Most">The largest.</param>
public readonly record struct NumberRange(long Least, long Most)
{
    /// <summary>Every number from 0 on.</summary>
    public static NumberRange Any { get; } = new(0, long.MaxValue);

    /// <summary>One number.</summary>
    public static NumberRange Only(long number) => new(number, number);

    /// <summary>Whether the number lies in the range.</summary>
    public bool Contains(long number) => number >= Least && number <= Most;

    /// <summary>For example <c>8</c>, <c>8..64</c> or <c>8..</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Least}{(Least == Most ? "" : "..")}{(Least == Most || Most == long.MaxValue ? "" : Most.ToString(CultureInfo.InvariantCulture))}");
}
