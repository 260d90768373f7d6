using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Tests.Reduction;

/// <summary>The largest elements, and what becomes of the others.</summary>
public sealed class TopKReductionTests
{
    [Test]
    public void The_largest_are_chosen_exactly()
    {
        // The other rank has nothing to add, so the sum is what was chosen.
        var random = new Random(1);
        foreach (var length in new[] { 40, 1000, 5003 })
        {
            foreach (var count in new[] { 1, 2, 7, length / 9 })
            {
                float[] values = [.. Enumerable.Range(0, length).Select(i => random.Next(4) switch
                {
                    0 => random.Next(-3, 4),
                    1 => random.NextSingle() * 1e-40f,
                    2 => -random.NextSingle(),
                    _ => ReductionRanks.Normal(random),
                })];
                var chosen = values.Select((v, i) => (v, i)).OrderByDescending(e => Math.Abs(e.v)).ThenBy(e => e.i).Take(count).Select(e => e.i).ToHashSet();
                var (sum, _) = ReductionRanks.Reduce(() => new TopKReduction(count), [values, new float[length]]);
                Assert.That(sum, Is.EqualTo(values.Select((v, i) => chosen.Contains(i) ? v : 0)), $"{count} of {length}");
            }
        }
    }

    [Test]
    public void What_is_not_finite_comes_first()
    {
        var gradients = ReductionRanks.Random(2, 400, seed: 1);
        (gradients[0][11], gradients[0][222], gradients[0][333]) = (float.NegativeInfinity, float.NaN, 1e30f);
        gradients[1].AsSpan().Clear();
        var (sum, _) = ReductionRanks.Reduce(() => new TopKReduction(2), gradients);
        Assert.That((sum[11], sum[222], sum[333]), Is.EqualTo((float.NegativeInfinity, float.NaN, 0f)));
    }

    [Test]
    public void Nothing_is_lost_only_late([Values("top-k:0.02", "powersgd:2")] string name, [Values(2, 3)] int ranks)
    {
        const int Steps = 20;
        GradientBucket[] buckets = [ReductionRanks.Bucket(0, 1250, [50]), ReductionRanks.Bucket(1, 0, [25, 5, 10])];
        var (given, received, owed) = (new double[1300], new double[1300], new float[ranks][]);
        ReductionRanks.Run(ranks, communicator =>
        {
            var reduction = ReductionText.Parse(name, seed: 1);
            reduction.Prepare(buckets, communicator);
            for (var step = 0; step < Steps; step++)
            {
                var all = ReductionRanks.Random(ranks, 1300, seed: step);
                var mine = all[communicator.Rank];
                if (communicator.Rank == 0)
                {
                    Add(given, ReductionRanks.Sum(all));
                }

                foreach (var bucket in buckets)
                {
                    reduction.Reduce(bucket, mine.AsSpan(bucket.Offset, bucket.Length));
                }

                if (communicator.Rank == 0)
                {
                    Add(received, [.. mine.Select(v => (double)v)]);
                }
            }

            owed[communicator.Rank] = reduction.State["residual"];
        });
        Add(received, ReductionRanks.Sum(owed));
        Assert.That(received, Is.EqualTo(given).Within(1e-3));
        Assert.That(owed[0].Count(v => v != 0), Is.GreaterThan(1000), "most of it is still owed");
    }

    [TestCase(0.01, 3, 1000, 2 * 10 * 8)]
    [TestCase(0.0101, 2, 1000, 11 * 8)]
    [TestCase(5, 4, 1000, 3 * 5 * 8)]
    [TestCase(250, 4, 1000, 2 * 3 * 1000, Description = "f32 is as short")]
    [TestCase(5000, 2, 1000, 4000, Description = "there are not so many")]
    public void Indices_and_values_travel_to_all_others(double amount, int ranks, int length, long bytes)
        => Assert.That(ReductionRanks.Reduce(() => new TopKReduction(amount), ReductionRanks.Random(ranks, length, seed: 1)).SentBytes, Is.All.EqualTo(bytes));

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(1.5)]
    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void Other_amounts_are_refused(double amount)
        => Assert.That(() => new TopKReduction(amount), Throws.ArgumentException.With.Message.Contains("fraction above 0 and below 1"));

    private static void Add(double[] sum, double[] values)
    {
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] += values[i];
        }
    }
}
