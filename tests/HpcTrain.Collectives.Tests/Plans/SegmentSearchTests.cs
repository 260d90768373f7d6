namespace HpcTrain.Collectives.Tests.Plans;

/// <summary>The search for the length of segments, on curves of throughput that are known.</summary>
[TestFixture]
public sealed class SegmentSearchTests
{
    private const int Depth = 6;
    private const double Beta = 1e-9;

    [Test]
    public void It_comes_close_to_the_best_of_a_pipeline([Values(1e-6, 1e-5, 1e-4)] double alpha, [Values(1 << 20, 16 << 20, 1 << 28)] long bytes)
    {
        (SegmentSearch search, List<long> tried) = Run(1024, bytes, 4, segment => bytes / SegmentModel.Seconds(Depth, bytes, segment, alpha, Beta));
        double best = SegmentModel.Seconds(Depth, bytes, SegmentModel.Best(Depth, bytes, alpha, Beta), alpha, Beta);
        Assert.That(SegmentModel.Seconds(Depth, bytes, search.Best, alpha, Beta), Is.LessThan(1.06 * best), string.Join(' ', tried));
        Assert.That(tried, Has.Count.LessThanOrEqualTo(Math.Log2(bytes / 1024.0) + 8).And.Unique);
    }

    [Test]
    public void It_grows_by_doubling_and_shrinks_by_quarters()
    {
        // The peak lies between 4096, the best power, and 8192, which is worse than it.
        (SegmentSearch search, List<long> tried) = Run(1024, 1 << 20, 1, Peak(5120));
        Assert.That(tried, Is.EqualTo(new long[] { 1024, 2048, 4096, 8192, 7168, 6144, 5120 }));
        Assert.That(search.Best, Is.EqualTo(5120));
    }

    [Test]
    public void It_looks_below_the_best_power_too()
    {
        (SegmentSearch search, List<long> tried) = Run(1024, 1 << 20, 1, Peak(3072));
        Assert.That(tried, Is.EqualTo(new long[] { 1024, 2048, 4096, 3584, 3072, 2560 }), "2048 and 4096 are as good as each other, so it stops to grow");
        Assert.That(search.Best, Is.EqualTo(3072));
    }

    [Test]
    public void Of_lengths_that_are_as_good_it_takes_the_shortest()
    {
        (SegmentSearch search, List<long> tried) = Run(1024, 1 << 20, 1, segment => Math.Min(segment, 16_384));
        Assert.That((search.Best, tried.Count), Is.EqualTo((16_384, 7)));
        (search, tried) = Run(1024, 1 << 20, 1, _ => 7);
        Assert.That((search.Best, tried.Count), Is.EqualTo((1024, 3)));
    }

    [Test]
    public void It_stays_within_its_limits_and_whole_elements()
    {
        (SegmentSearch search, List<long> tried) = Run(1000, 100_000, 8, segment => segment);
        Assert.That(tried.Max(), Is.EqualTo(100_000));
        Assert.That(search.Best, Is.EqualTo(100_000));
        Assert.That(tried, Has.All.Matches<long>(length => length % 8 == 0 && length <= 100_000));
        (search, tried) = Run(3, 5, 8, segment => segment);
        Assert.That((search.Best, tried[0], tried.Count), Is.EqualTo((8, 8, 1)), "an element is the least");
    }

    [Test]
    public void Noise_does_not_lead_it_far_astray([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        const long Bytes = 16 << 20;
        (SegmentSearch search, _) = Run(4096, Bytes, 4, segment => Bytes / SegmentModel.Seconds(Depth, Bytes, segment, 1e-5, Beta) * (1 + (0.01 * random.NextDouble())));
        double best = SegmentModel.Seconds(Depth, Bytes, SegmentModel.Best(Depth, Bytes, 1e-5, Beta), 1e-5, Beta);
        Assert.That(SegmentModel.Seconds(Depth, Bytes, search.Best, 1e-5, Beta), Is.LessThan(1.08 * best));
    }

    [Test]
    public void A_search_that_is_done_takes_no_more()
    {
        (SegmentSearch search, _) = Run(8, 8, 1, _ => 1);
        Assert.That(() => search.Tell(1), Throws.InvalidOperationException);
    }

    /// <summary>A curve with that peak, which falls alike on both sides for lengths by the same number of bytes.</summary>
    private static Func<long, double> Peak(long peak) => segment => 1 / (1 + (Math.Abs(segment - peak) / (double)peak));

    private static (SegmentSearch Search, List<long> Tried) Run(long least, long most, long unit, Func<long, double> throughput)
    {
        var search = new SegmentSearch(least, most, unit);
        var tried = new List<long>();
        while (!search.IsDone)
        {
            tried.Add(search.Next);
            Assert.That(tried, Has.Count.LessThan(100), "a search must end");
            search.Tell(throughput(search.Next));
        }

        Assert.That(tried, Does.Contain(search.Best));
        return (search, tried);
    }
}
