using HpcTrain.Kernels;
using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Tests.Reduction;

/// <summary>Sums in f16 and bf16.</summary>
public sealed class HalfReductionTests
{
    [Test]
    public void Sums_are_as_exact_as_the_type([Values(2, 3, 4)] int ranks)
    {
        var gradients = ReductionRanks.Random(ranks, 5000, seed: 4);
        var exact = ReductionRanks.Sum(gradients);
        Assert.That(ReductionRanks.RelativeError(ReductionRanks.Reduce(() => new HalfReduction(ElementType.F16), gradients).Sum, exact), Is.InRange(1e-6, 5e-4));
        Assert.That(ReductionRanks.RelativeError(ReductionRanks.Reduce(() => new HalfReduction(ElementType.BF16), gradients).Sum, exact), Is.InRange(1e-5, 4e-3));
    }

    [Test]
    public void A_node_rounds_a_sum_once()
    {
        // 2048 is where f16 stops holding odd numbers: 1s that are added one at a time are lost.
        float[][] gradients = [[2048], [1], [1], [1], [1]];
        Assert.That(ReductionRanks.Reduce(() => new HalfReduction(ElementType.F16), gradients, isOneNode: true).Sum[0], Is.EqualTo(2052));
    }

    [Test]
    public void Half_the_bytes_travel([Values(2, 3, 4)] int ranks)
    {
        var gradients = ReductionRanks.Random(ranks, 1200, seed: 4);
        var plain = ReductionRanks.Reduce(() => new PlainReduction(), gradients).SentBytes[0];
        Assert.That(plain, Is.EqualTo(2 * 1200 * 4 * (ranks - 1) / ranks));
        Assert.That(ReductionRanks.Reduce(() => new HalfReduction(ElementType.F16), gradients).SentBytes[0], Is.EqualTo(plain / 2));
    }

    [Test]
    public void What_is_too_large_is_counted_and_arrives_as_infinity()
    {
        float[][] gradients = [[1e5f, -65_520, 65_519, float.PositiveInfinity, float.NaN, 1], [0, 0, 0, 0, 0, 0]];
        var overflows = new long[2];
        ReductionRanks.Run(2, communicator =>
        {
            var (reduction, bucket) = (new HalfReduction(ElementType.F16), ReductionRanks.Bucket(0, 0, [6]));
            reduction.Prepare([bucket], communicator);
            reduction.Reduce(bucket, gradients[communicator.Rank]);
            overflows[communicator.Rank] = reduction.Overflows;
        });
        Assert.That(overflows, Is.EqualTo(new long[] { 2, 0 }));
        float[] expected = [float.PositiveInfinity, float.NegativeInfinity, 65_504, float.PositiveInfinity, float.NaN, 1];
        Assert.That(gradients, Is.All.EqualTo(expected));
    }

    [Test]
    public void Other_types_are_refused()
        => Assert.That(() => new HalfReduction(ElementType.I8), Throws.ArgumentException.With.Message.Contains("f16 or bf16"));
}
