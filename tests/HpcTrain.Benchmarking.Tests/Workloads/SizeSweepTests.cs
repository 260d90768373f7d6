namespace HpcTrain.Benchmarking.Tests.Workloads;

internal sealed class SizeSweepTests
{
    [Test]
    public void A_factor_multiplies_and_ends_with_the_largest_size_that_it_meets()
    {
        Assert.That(new SizeSweep(8, 128).Sizes(), Is.EqualTo(new long[] { 8, 16, 32, 64, 128 }));
        Assert.That(new SizeSweep(8, 127).Sizes(), Is.EqualTo(new long[] { 8, 16, 32, 64 }));
        Assert.That(new SizeSweep(8, 8).Sizes(), Is.EqualTo(new long[] { 8 }));
    }

    [Test]
    public void A_small_factor_still_gets_on() => Assert.That(new SizeSweep(1, 5, 1.01).Sizes(), Is.EqualTo(new long[] { 1, 2, 3, 4, 5 }));

    [Test]
    public void A_step_adds() => Assert.That(new SizeSweep(4, 20, Step: 8).Sizes(), Is.EqualTo(new long[] { 4, 12, 20 }));

    [Test]
    public void Sizes_near_the_end_of_the_numbers_end()
    {
        Assert.That(new SizeSweep(1L << 61, long.MaxValue).Sizes(), Is.EqualTo(new[] { 1L << 61, 1L << 62 }));
        Assert.That(new SizeSweep(1L << 62, long.MaxValue, Step: 1L << 62).Sizes().First(), Is.EqualTo(1L << 62));
    }

    [TestCase(0, 8, 2.0, null, "--min-bytes")]
    [TestCase(16, 8, 2.0, null, "--max-bytes")]
    [TestCase(8, 16, 1.0, null, "--factor")]
    [TestCase(8, 16, 0.5, null, "--factor")]
    [TestCase(8, 16, double.NaN, null, "--factor")]
    [TestCase(8, 16, 2.0, 0, "--step-bytes")]
    [TestCase(8, 1 << 30, 2.0, 8, "sizes")]
    public void What_makes_no_sense_is_named(long least, long most, double factor, long? step, string option) =>
        Assert.That(new SizeSweep(least, most, factor, step).Problem(), Does.Contain(option));

    [Test]
    public void What_makes_sense_has_no_problem()
    {
        Assert.That(new SizeSweep(8, 256 << 20).Problem(), Is.Null);
        Assert.That(new SizeSweep(1, 1 << 20, 1.001).Problem(), Is.Null);
        Assert.That(new SizeSweep(8, 80_000, Step: 8).Problem(), Is.Null);
    }
}
