using HpcTrain.Collectives;
using HpcTrain.Mpi;
using HpcTrain.Testing;
using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Tests.Reduction;

/// <summary>What every reduction promises, whatever its method.</summary>
public sealed class AllReductionsTests
{
    private static readonly string[] _names = ["none", "f16", "bf16", "int8", "top-k:0.01", "top-k:3", "powersgd:1", "powersgd:4"];

    [Test]
    public void Ranks_end_with_the_same_bits_for_all_lengths(
        [ValueSource(nameof(_names))] string name, [Values(2, 3, 5, 8)] int ranks, [Values] bool isOneNode)
    {
        foreach (var length in new[] { 1, 7, 255, 256, 257, 1000, 4099 })
        {
            var gradients = ReductionRanks.Random(ranks, length, seed: length);
            var (sum, sent) = ReductionRanks.Reduce(() => ReductionText.Parse(name, seed: 1), gradients, isOneNode);
            Assert.That(sum, Has.All.Matches<float>(float.IsFinite));
            Assert.That(sent, Is.All.EqualTo(sent[0]));
        }
    }

    [Test]
    public void One_rank_keeps_its_gradients_and_sends_nothing([ValueSource(nameof(_names))] string name)
    {
        var gradients = ReductionRanks.Random(1, 3001, seed: 5);
        gradients[0][17] = float.NaN;
        var (sum, sent) = ReductionRanks.Reduce(() => ReductionText.Parse(name, seed: 1), gradients);
        ReductionRanks.AssertSameBits(sum, gradients[0]);
        Assert.That(sent[0], Is.Zero);
    }

    [Test]
    public void Empty_buckets_and_several_buckets_are_reduced([ValueSource(nameof(_names))] string name)
    {
        GradientBucket[] buckets =
        [
            ReductionRanks.Bucket(0, 2200, [10, 12], [5]), ReductionRanks.Bucket(1, 2200), ReductionRanks.Bucket(2, 100, [40, 50], [100]), ReductionRanks.Bucket(3, 0, [100]),
        ];
        var gradients = ReductionRanks.Random(3, 2325, seed: 9);
        ReductionRanks.Reduce(_ => ReductionText.Parse(name, seed: 1), buckets, gradients);
        ReductionRanks.Run(2, communicator =>
        {
            var reduction = ReductionText.Parse(name, seed: 1);
            reduction.Prepare([], communicator);
            reduction.Prepare([ReductionRanks.Bucket(0, 0)], communicator);
            reduction.Reduce(ReductionRanks.Bucket(0, 0), []);
            Assert.That((reduction.Steps, reduction.SentBytes), Is.EqualTo((1L, 0L)));
        });
    }

    [Test]
    public void What_is_not_finite_on_one_rank_arrives_on_all(
        [ValueSource(nameof(_names))] string name, [Values(float.NaN, float.PositiveInfinity, float.NegativeInfinity)] float value, [Values(2, 3)] int ranks)
    {
        // In a matrix, in a vector, and in a bucket that is too short to be compressed.
        GradientBucket[] buckets = [ReductionRanks.Bucket(0, 1300, [30]), ReductionRanks.Bucket(1, 0, [30, 40], [100])];
        foreach (var place in new[] { 0, 777, 1199, 1200, 1250, 1310 })
        {
            var gradients = ReductionRanks.Random(ranks, 1330, seed: place);
            gradients[ranks - 1][place] = value;
            var (sum, _) = ReductionRanks.Reduce(_ => ReductionText.Parse(name, seed: 1), buckets, gradients);
            Assert.That(float.IsFinite(sum[place]), Is.False, $"{value} at {place} became {sum[place]}");
        }
    }

    [Test]
    public void A_step_that_was_not_finite_does_not_spoil_the_next([ValueSource(nameof(_names))] string name)
    {
        GradientBucket[] buckets = [ReductionRanks.Bucket(0, 0, [30, 40], [100])];
        var (bad, good) = (ReductionRanks.Random(2, 1300, seed: 1), ReductionRanks.Random(2, 1300, seed: 2));
        bad[0][50] = float.NaN;
        bad[1][60] = float.PositiveInfinity;
        bad[1][1250] = float.NegativeInfinity;
        ReductionRanks.Run(2, communicator =>
        {
            var reduction = ReductionText.Parse(name, seed: 1);
            reduction.Prepare(buckets, communicator);
            reduction.Reduce(buckets[0], bad[communicator.Rank]);
            reduction.Reduce(buckets[0], good[communicator.Rank]);
            Assert.That(good[communicator.Rank], Has.All.Matches<float>(float.IsFinite));
            Assert.That(reduction.State.Values, Has.All.Matches<float[]>(values => values.All(float.IsFinite)));
        });
    }

    [Test]
    public void Runs_repeat_and_continue_bit_by_bit([ValueSource(nameof(_names))] string name)
    {
        const int Ranks = 3, Steps = 6, Saved = 3;
        GradientBucket[] buckets = [ReductionRanks.Bucket(0, 1000, [20, 30]), ReductionRanks.Bucket(1, 0, [25, 40])];
        float[] Train(GradientReduction reduction, CollectiveCommunicator communicator, int from, int to)
        {
            float[] gradients = [];
            for (var step = from; step < to; step++)
            {
                gradients = ReductionRanks.Random(Ranks, 1600, seed: step)[communicator.Rank];
                foreach (var bucket in buckets)
                {
                    reduction.Reduce(bucket, gradients.AsSpan(bucket.Offset, bucket.Length));
                }
            }

            return gradients;
        }

        ReductionRanks.Run(Ranks, communicator =>
        {
            var whole = ReductionText.Parse(name, seed: 1);
            whole.Prepare(buckets, communicator);
            Train(whole, communicator, 0, Saved);
            var saved = whole.State.ToDictionary(s => s.Key, s => (float[])s.Value.Clone());
            var expected = Train(whole, communicator, Saved, Steps);

            var resumed = ReductionText.Parse(name, seed: 1);
            resumed.Prepare(buckets, communicator);
            foreach (var (key, values) in saved)
            {
                values.CopyTo(resumed.State[key], 0);
            }

            resumed.RestoreSteps(Saved);
            ReductionRanks.AssertSameBits(Train(resumed, communicator, Saved, Steps), expected);
            Assert.That(resumed.State.Keys, Is.EquivalentTo(whole.State.Keys));
            foreach (var (key, values) in whole.State)
            {
                ReductionRanks.AssertSameBits(resumed.State[key], values);
            }
        });
    }

    [Test]
    public void A_bucket_that_was_not_prepared_is_refused([ValueSource(nameof(_names))] string name) => ReductionRanks.Run(1, communicator =>
    {
        var reduction = ReductionText.Parse(name, seed: 1);
        Assert.That(() => reduction.Reduce(ReductionRanks.Bucket(0, 0, [5]), new float[5]), Throws.ArgumentException.With.Message.Contains("Prepare"));
        Assert.That(() => reduction.Prepare([ReductionRanks.Bucket(1, 0, [5])], communicator), Throws.ArgumentException.With.Message.Contains("number them from 0"));
        reduction.Prepare([ReductionRanks.Bucket(0, 0, [5])], communicator);
        Assert.That(() => reduction.Reduce(ReductionRanks.Bucket(0, 0, [5]), new float[4]), Throws.ArgumentException.With.Message.Contains("4 gradients for bucket 0"));
    });

    [RankTest(2, 3)]
    public void Processes_end_with_the_same_bits(Intracommunicator world)
    {
        using var communicator = new CollectiveCommunicator(world);
        GradientBucket[] buckets = [ReductionRanks.Bucket(0, 5000, [40, 50]), ReductionRanks.Bucket(1, 0, [49, 100], [100])];
        foreach (var name in _names)
        {
            var reduction = ReductionText.Parse(name, seed: 1);
            reduction.Prepare(buckets, communicator);
            var gradients = ReductionRanks.Random(world.Size, 7000, seed: 3)[world.Rank];
            foreach (var bucket in buckets)
            {
                reduction.Reduce(bucket, gradients.AsSpan(bucket.Offset, bucket.Length));
            }

            var first = (float[])gradients.Clone();
            world.Broadcast<float>(first, 0);
            ReductionRanks.AssertSameBits(gradients, first);
        }
    }
}
