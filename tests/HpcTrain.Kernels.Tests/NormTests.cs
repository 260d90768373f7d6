namespace HpcTrain.Kernels.Tests;

/// <summary>The sum of squares against plain arithmetic in its order.</summary>
internal sealed unsafe class NormTests
{
    [Test]
    public void Squares_are_added_up_in_f64_in_the_order_that_is_told()
    {
        for (int length = 0; length <= 100; length++)
        {
            var random = new Random(length);
            using var source = GuardedArray.From<float>([.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-20, 20)))], length % 16);
            double[] sums = new double[16];
            for (int i = 0; i < length; i++)
                sums[i % 16] += (double)source.Of<float>()[i] * source.Of<float>()[i];
            Assert.That(HostKernels.SumOfSquares((float*)source.Pointer, length), Is.EqualTo(sums.Aggregate(0.0, (sum, s) => sum + s)), $"{length}");
        }
    }

    [Test]
    public void Large_values_do_not_overflow_and_what_is_not_finite_stays_so([Values(3, 40)] int length)
    {
        using var source = GuardedArray.From<float>([.. Enumerable.Repeat(float.MaxValue, length)]);
        Assert.That(HostKernels.SumOfSquares((float*)source.Pointer, length), Is.EqualTo(length * (double)float.MaxValue * float.MaxValue).Within(1e-12).Percent);
        for (int place = 0; place < length; place++)
        {
            source.Of<float>().Fill(1);
            source.Of<float>()[place] = float.NaN;
            Assert.That(HostKernels.SumOfSquares((float*)source.Pointer, length), Is.NaN);
            source.Of<float>()[place] = float.NegativeInfinity;
            Assert.That(HostKernels.SumOfSquares((float*)source.Pointer, length), Is.EqualTo(double.PositiveInfinity));
        }
    }

    [Test]
    public void A_negative_count_is_refused() => Assert.That(() => HostKernels.SumOfSquares(null, -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
