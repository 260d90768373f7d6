using HpcTrain.Benchmarking.Measuring;

namespace HpcTrain.Benchmarking.Tests.Measuring;

internal sealed class StatisticsTests
{
    [Test]
    public void Quantiles_lie_between_neighbours_in_proportion()
    {
        double[] samples = [4, 1, 3, 2];
        Assert.That(Statistics.Median(samples), Is.EqualTo(2.5));
        Assert.That(Statistics.Quantile(samples, 0), Is.EqualTo(1));
        Assert.That(Statistics.Quantile(samples, 1), Is.EqualTo(4));
        Assert.That(Statistics.Quantile([.. Enumerable.Range(0, 101).Select(i => (double)i)], 0.99), Is.EqualTo(99));
        Assert.That(Statistics.Quantile([5], 0.99), Is.EqualTo(5));
        Assert.That(Statistics.Quantile([], 0.5), Is.NaN);
    }

    [Test]
    public void Few_samples_say_nothing_about_their_median()
    {
        for (int count = 0; count <= 5; count++)
            Assert.That(Statistics.MedianUncertainty(new double[count]), Is.EqualTo(double.PositiveInfinity));
        Assert.That(Statistics.MedianUncertainty([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]), Is.Zero);
    }

    [Test]
    public void The_interval_of_the_median_holds_it_about_19_times_of_20()
    {
        var random = new Random(11);
        const int Trials = 2000;
        int hits = 0;
        for (int trial = 0; trial < Trials; trial++)
        {
            double[] samples = [.. Enumerable.Range(0, 30).Select(_ => 10 + random.NextDouble())];
            double median = Statistics.Median(samples);
            hits += Math.Abs(10.5 - median) / median <= Statistics.MedianUncertainty(samples) ? 1 : 0;
        }

        Assert.That(hits, Is.InRange(Trials * 0.94, Trials));
    }

    [Test]
    public void An_outlier_moves_neither_the_median_nor_its_interval()
    {
        double[] calm = [.. Enumerable.Range(0, 40).Select(i => 100.0 + (i % 5))], disturbed = [.. calm[..^1], 1e6];
        Assert.That(Statistics.MedianUncertainty(disturbed), Is.LessThan(0.05));
    }

    [Test]
    public void Ratios_average_geometrically()
    {
        Assert.That(Statistics.GeometricMean([0.5, 2]), Is.EqualTo(1).Within(1e-12));
        Assert.That(Statistics.GeometricMean([8]), Is.EqualTo(8).Within(1e-12));
        Assert.That(Statistics.GeometricMean([]), Is.NaN);
    }

    [Test]
    public void Overlap_is_the_share_of_the_communication_that_computation_hides()
    {
        Assert.That(new Overlap(Overall: 10, Compute: 10, Communication: 8).Percent, Is.EqualTo(100));
        Assert.That(new Overlap(Overall: 18, Compute: 10, Communication: 8).Percent, Is.Zero);
        Assert.That(new Overlap(Overall: 12, Compute: 10, Communication: 8).Percent, Is.EqualTo(75).Within(1e-9));
        Assert.That(new Overlap(Overall: 30, Compute: 10, Communication: 8).Percent, Is.Zero, "never below nothing");
        Assert.That(new Overlap(Overall: 9, Compute: 10, Communication: 8).Percent, Is.EqualTo(100), "never above all");
    }
}
