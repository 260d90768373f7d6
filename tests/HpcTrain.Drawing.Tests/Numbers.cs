using FsCheck;
using FsCheck.Fluent;

namespace HpcTrain.Drawing.Tests;

/// <summary>Numbers that measurements give, and some that they should not.</summary>
internal static class Numbers
{
    public static Gen<double> Usual { get; } = Gen.Choose(-4000, 9000).Select(i => Math.Pow(10, i / 1000.0));

    public static Gen<double> Any { get; } = Gen.Frequency(
        (8, Usual),
        (2, Usual.Select(value => -value)),
        (2, Gen.Choose(-5, 5).Select(i => (double)i)),
        (1, Gen.Elements(double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.Epsilon, -double.MaxValue)),
        (1, Gen.Elements(1e100, 1e-100, 1e15, 1e15 + 1, 1 + 1e-15, -1e100)));
}
