using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Tests.Reduction;

/// <summary>Sums of low rank.</summary>
public sealed class PowerSgdReductionTests
{
    private const int Rows = 40, Columns = 60;

    [Test]
    public void A_sum_of_low_rank_is_exact([Values(1, 2, 4)] int rank, [Values(2, 3)] int ranks)
    {
        // Each rank's matrix has full rank; what they have in excess of the low-rank part cancels out.
        var (noise, low) = (ReductionRanks.Random(1, Rows * Columns, seed: 1)[0], LowRank(rank, seed: rank));
        var gradients = Enumerable.Range(0, ranks).Select(r => low.Select((v, i) => (v * (r + 1)) + (r == 0 ? noise[i] : r == 1 ? -noise[i] : 0)).ToArray()).ToArray();
        var (sum, _) = ReductionRanks.Reduce(_ => new PowerSgdReduction(rank, seed: 1), [ReductionRanks.Bucket(0, 0, [Rows, 6, 10])], gradients);
        Assert.That(ReductionRanks.RelativeError(sum, ReductionRanks.Sum(gradients)), Is.LessThan(1e-4));
    }

    [Test]
    public void Fewer_dimensions_than_the_rank_are_summed_exactly()
    {
        var gradients = ReductionRanks.Random(3, 600, seed: 1);
        var bucket = ReductionRanks.Bucket(0, 0, [100], [4, 50], [3, 50], [1, 100], [50, 1]);
        var (sum, sent) = ReductionRanks.Reduce(_ => new PowerSgdReduction(8, seed: 1), [bucket], gradients);
        Assert.That(ReductionRanks.RelativeError(sum, ReductionRanks.Sum(gradients)), Is.LessThan(1e-6));
        Assert.That(sent, Is.All.EqualTo(2 * 600 * 4 * 2 / 3));
    }

    [Test]
    public void The_iteration_goes_on_over_the_steps()
    {
        // The same full-rank gradients again and again, without feedback: the approximation nears the best of its rank, as the power method does.
        const int Rank = 2;
        var best = LowRank(Rank, seed: 3);
        var noise = ReductionRanks.Random(1, Rows * Columns, seed: 4)[0];
        float[][] gradients = [[.. best.Select((v, i) => v + (0.3f * noise[i]))], new float[Rows * Columns]];
        var errors = new List<double>();
        ReductionRanks.Run(2, communicator =>
        {
            var (reduction, bucket) = (new PowerSgdReduction(Rank, seed: 1), ReductionRanks.Bucket(0, 0, [Rows, Columns]));
            reduction.Prepare([bucket], communicator);
            for (var step = 0; step < 8; step++)
            {
                var values = (float[])gradients[communicator.Rank].Clone();
                reduction.Reduce(bucket, values);
                reduction.State["residual"].AsSpan().Clear();
                if (communicator.Rank == 0)
                {
                    errors.Add(ReductionRanks.RelativeError(values, ReductionRanks.Sum(gradients)));
                }
            }
        });
        Assert.That(errors[^1], Is.LessThan(0.99 * errors[0]));
        Assert.That(errors.Zip(errors.Skip(1)), Has.All.Matches<(double Earlier, double Later)>(pair => pair.Later < pair.Earlier * (1 + 1e-4)));
    }

    [Test]
    public void Thin_matrices_and_vectors_travel([Values(2, 4)] int ranks)
    {
        var bucket = ReductionRanks.Bucket(0, 0, [Rows, Columns], [70]);
        var (_, sent) = ReductionRanks.Reduce(_ => new PowerSgdReduction(3, seed: 1), [bucket], ReductionRanks.Random(ranks, (Rows * Columns) + 70, seed: 1));
        long Sum(int elements) => 2 * elements * 4 * (ranks - 1) / ranks;
        Assert.That(sent, Is.All.EqualTo(Sum((3 * Rows) + 70) + Sum(3 * Columns)));
    }

    [Test]
    public void A_matrix_that_was_zero_is_reduced_when_it_is_not()
    {
        var low = LowRank(2, seed: 1);
        ReductionRanks.Run(2, communicator =>
        {
            var (reduction, bucket) = (new PowerSgdReduction(2, seed: 1), ReductionRanks.Bucket(0, 0, [Rows, Columns]));
            reduction.Prepare([bucket], communicator);
            for (var step = 0; step < 2; step++)
            {
                var zeros = new float[Rows * Columns];
                reduction.Reduce(bucket, zeros);
                Assert.That(zeros, Is.All.Zero);
            }

            var values = (float[])low.Clone();
            reduction.Reduce(bucket, values);
            Assert.That(ReductionRanks.RelativeError(values, [.. low.Select(v => 2.0 * v)]), Is.LessThan(1e-4));
        });
    }

    [Test]
    public void A_nan_fills_its_matrix_and_no_other()
    {
        var bucket = ReductionRanks.Bucket(0, 0, [Rows, Columns], [Rows, Columns], [10]);
        var gradients = ReductionRanks.Random(2, (2 * Rows * Columns) + 10, seed: 1);
        gradients[1][Rows * Columns] = float.NaN;
        var (sum, _) = ReductionRanks.Reduce(_ => new PowerSgdReduction(2, seed: 1), [bucket], gradients);
        Assert.That(sum.Take(Rows * Columns), Has.All.Matches<float>(float.IsFinite));
        Assert.That(sum.Skip(Rows * Columns).Take(Rows * Columns), Is.All.NaN);
        Assert.That(sum.Skip(2 * Rows * Columns), Has.All.Matches<float>(float.IsFinite));
    }

    [TestCase(0)]
    [TestCase(1025)]
    public void Other_ranks_are_refused(int rank) => Assert.That(() => new PowerSgdReduction(rank, seed: 1), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static float[] LowRank(int rank, int seed)
    {
        var random = new Random(seed);
        var (p, q) = (Draw(Rows * rank), Draw(rank * Columns));
        return [.. Enumerable.Range(0, Rows * Columns).Select(i => Enumerable.Range(0, rank).Sum(k => p[(i / Columns * rank) + k] * q[(k * Columns) + (i % Columns)]))];
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => ReductionRanks.Normal(random))];
    }
}
