using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>16-bit sums: rounded once by default, whatever the rank count; rounded at each step when asked for.</summary>
[TestFixture]
public sealed class PartialPrecisionTests
{
    [Test]
    public void Sums_of_f16_are_rounded_once([Range(1, 9)] int ranks, [ValueSource(nameof(Algorithms))] string algorithm)
    {
        // 2048 is where f16 stops holding odd numbers, so 1s are lost one at a time but not together.
        float exact = 2048 + ranks - 1;
        Assert.That(Reduce(ranks, algorithm, PartialPrecision.Single, (Half)2048, (Half)1, out ElementType partials), Is.EqualTo((Half)exact));
        Assert.That(partials, Is.EqualTo(ranks == 1 ? ElementType.F16 : ElementType.F32));
    }

    [Test]
    public void Sums_of_bf16_are_rounded_once([Range(1, 9)] int ranks, [ValueSource(nameof(Algorithms))] string algorithm)
    {
        float exact = 256 + ranks - 1;
        Assert.That(Reduce(ranks, algorithm, PartialPrecision.Single, (BFloat16)256f, (BFloat16)1f, out _), Is.EqualTo((BFloat16)exact));
    }

    [Test]
    public void Partials_may_travel_in_16_bits([ValueSource(nameof(Algorithms))] string algorithm)
    {
        // On a ring each 1 meets the 2048 by itself and is lost, unless 1s have met before.
        Half sum = Reduce(4, algorithm, PartialPrecision.Element, (Half)2048, (Half)1, out ElementType partials);
        Assert.That(partials, Is.EqualTo(ElementType.F16));
        Assert.That((float)sum, Is.InRange(2048, 2052));
        if (algorithm == "ring")
            Assert.That((float)sum, Is.EqualTo(2048));
    }

    [Test]
    public void Extremes_travel_in_16_bits_because_they_are_exact([Values(ReduceOp.Min, ReduceOp.Max)] ReduceOp op)
    {
        Half extreme = Reduce(3, "ring", PartialPrecision.Single, (Half)2048, (Half)1, out ElementType partials, op);
        Assert.That(partials, Is.EqualTo(ElementType.F16));
        Assert.That((float)extreme, Is.EqualTo(op == ReduceOp.Min ? 1 : 2048));
    }

    private static IReadOnlyList<string> Algorithms => TestAlgorithms.AllReduce;

    /// <summary>Rank 0 contributes one value and all others another; gives the first element of the result.</summary>
    private static T Reduce<T>(int ranks, string algorithm, PartialPrecision precision, T first, T others, out ElementType partials, ReduceOp op = ReduceOp.Sum)
        where T : unmanaged
    {
        var fabric = new InProcessFabric(ranks);
        var sums = new T[ranks];
        var types = new ElementType[ranks];
        RankThreads.Run(ranks, rank =>
        {
            using var communicator = new CollectiveCommunicator(fabric[rank], new() { StallTimeout = TimeSpan.FromSeconds(30) });
            var buffer = new T[100];
            Array.Fill(buffer, rank == 0 ? first : others);
            types[rank] = communicator.AllReduce<T>(buffer, op, new() { Algorithm = algorithm, Partials = precision }).PartialType;
            sums[rank] = buffer[0];
        });
        Assert.That(sums, Is.All.EqualTo(sums[0]));
        partials = types[0];
        return sums[0];
    }
}
