using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Tests.Reduction;

/// <summary>Sums in 8-bit codes.</summary>
public sealed class Int8ReductionTests
{
    [Test]
    public void Elements_are_off_by_less_than_the_scales_they_went_through([Values(2, 3, 4, 7)] int ranks)
    {
        var gradients = ReductionRanks.Random(ranks, 40_000, seed: ranks);
        var (sum, _) = ReductionRanks.Reduce(() => new Int8Reduction(seed: 1), gradients);
        var exact = ReductionRanks.Sum(gradients);
        for (var block = 0; block < sum.Length; block += 256)
        {
            var elements = Enumerable.Range(block, Math.Min(256, sum.Length - block)).ToList();
            var contributed = gradients.Sum(g => elements.Max(i => Math.Abs(g[i])) / 127.0);
            var summed = (elements.Max(i => Math.Abs(exact[i])) + contributed) / 127;
            Assert.That(elements.Max(i => Math.Abs(sum[i] - exact[i])), Is.LessThan(contributed + summed));
        }
    }

    [Test]
    public void The_expected_result_is_the_sum()
    {
        // Steps draw anew, so the mean error over 400 of them has a twentieth of the deviation of one.
        const int Steps = 400, Length = 2000;
        var gradients = ReductionRanks.Random(3, Length, seed: 8);
        var exact = ReductionRanks.Sum(gradients);
        var (mean, firstStep) = (new double[Length], new float[Length]);
        ReductionRanks.Run(3, communicator =>
        {
            var (reduction, bucket) = (new Int8Reduction(seed: 1), ReductionRanks.Bucket(0, 0, [Length]));
            reduction.Prepare([bucket], communicator);
            for (var step = 0; step < Steps; step++)
            {
                var values = (float[])gradients[communicator.Rank].Clone();
                reduction.Reduce(bucket, values);
                if (communicator.Rank == 0)
                {
                    firstStep = step == 0 ? values : firstStep;
                    for (var i = 0; i < Length; i++)
                    {
                        mean[i] += (double)values[i] / Steps;
                    }
                }
            }
        });
        var once = ReductionRanks.RelativeError(firstStep, exact);
        Assert.That(ReductionRanks.RelativeError([.. mean.Select(m => (float)m)], exact), Is.LessThan(1.3 * once / 20));
        Assert.That(once, Is.InRange(1e-3, 2e-2));
    }

    [Test]
    public void A_quarter_of_the_bytes_travels([Values(2, 4)] int ranks)
    {
        var gradients = ReductionRanks.Random(ranks, 256 * 40, seed: 1);
        var plain = ReductionRanks.Reduce(() => new PlainReduction(), gradients).SentBytes[0];
        var sent = ReductionRanks.Reduce(() => new Int8Reduction(seed: 1), gradients).SentBytes[0];
        Assert.That(sent, Is.EqualTo(2 * (ranks - 1) * 40 / ranks * (256 + 4)));
        Assert.That((double)plain / sent, Is.EqualTo(3.94).Within(0.01));
    }

    [Test]
    public void Short_buckets_are_summed_in_f32()
    {
        var gradients = ReductionRanks.Random(4, 100, seed: 1);
        var (sum, sent) = ReductionRanks.Reduce(() => new Int8Reduction(seed: 1), gradients);
        Assert.That(ReductionRanks.RelativeError(sum, ReductionRanks.Sum(gradients)), Is.LessThan(1e-6));
        Assert.That(sent[0], Is.EqualTo(2 * 400 * 3 / 4));
    }

    [Test]
    public void The_seed_decides_what_is_drawn()
    {
        var gradients = ReductionRanks.Random(2, 3000, seed: 1);
        float[] Sum(long seed) => ReductionRanks.Reduce(() => new Int8Reduction(seed), gradients).Sum;
        var first = Sum(1);
        Assert.That(Sum(1), Is.EqualTo(first));
        Assert.That(Sum(2), Is.Not.EqualTo(first));
    }

    [Test]
    public void A_nan_fills_its_block_and_no_other()
    {
        var gradients = ReductionRanks.Random(2, 2048, seed: 1);
        gradients[1][700] = float.NaN;
        var (sum, _) = ReductionRanks.Reduce(() => new Int8Reduction(seed: 1), gradients);
        Assert.That(Enumerable.Range(0, 2048).Where(i => float.IsNaN(sum[i])), Is.EqualTo(Enumerable.Range(512, 256)));
    }
}
