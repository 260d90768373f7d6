using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Tests.Reduction;

/// <summary>Gradients of a fully connected layer from the factors of all ranks.</summary>
public sealed class SufficientFactorsTests
{
    [Test]
    public void Gradients_are_the_sums_of_outer_products([Values(1, 2, 3, 5)] int ranks, [Values] bool hasBias)
    {
        const int Inputs = 83, Outputs = 19, Capacity = 6;
        var random = new Random(ranks);
        var counts = Enumerable.Range(0, ranks).Select(rank => rank == 1 ? 0 : Capacity - (rank % 3)).ToArray();
        var inputs = counts.Select(count => Draw(count * Inputs)).ToArray();
        var gradients = counts.Select(count => Draw(count * Outputs)).ToArray();
        var (weights, biases) = (new float[ranks][], new float[ranks][]);
        var sent = new long[ranks];
        ReductionRanks.Run(ranks, communicator =>
        {
            var rank = communicator.Rank;
            var factors = new SufficientFactors(communicator, Capacity, Inputs, Outputs);
            (weights[rank], biases[rank]) = ([.. Enumerable.Repeat(7f, Inputs * Outputs)], [.. Enumerable.Repeat(7f, hasBias ? Outputs : 0)]);
            factors.Sum(inputs[rank], gradients[rank], weights[rank], biases[rank]);
            factors.Sum(inputs[rank], gradients[rank], weights[rank], biases[rank]);
            sent[rank] = factors.SentBytes;
        });
        for (var rank = 1; rank < ranks; rank++)
        {
            ReductionRanks.AssertSameBits(weights[rank], weights[0]);
            ReductionRanks.AssertSameBits(biases[rank], biases[0]);
        }

        for (var output = 0; output < Outputs; output++)
        {
            for (var input = 0; input < Inputs; input++)
            {
                var expected = Samples((r, s) => (double)gradients[r][(s * Outputs) + output] * inputs[r][(s * Inputs) + input]);
                Assert.That(weights[0][(output * Inputs) + input], Is.EqualTo(expected).Within(1e-4));
            }

            if (hasBias)
            {
                Assert.That(biases[0][output], Is.EqualTo(Samples((r, s) => gradients[r][(s * Outputs) + output])).Within(1e-4));
            }
        }

        Assert.That(sent, Is.All.EqualTo(2 * SufficientFactors.BytesAsFactors(Capacity, Inputs, Outputs, ranks)));
        double Samples(Func<int, int, double> term) => Enumerable.Range(0, ranks).Sum(r => Enumerable.Range(0, counts[r]).Sum(s => term(r, s)));
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => ReductionRanks.Normal(random))];
    }

    [Test]
    public void What_is_not_finite_arrives_on_all_ranks()
    {
        ReductionRanks.Run(3, communicator =>
        {
            float[] input = [1, communicator.Rank == 1 ? float.PositiveInfinity : 2, 3], gradient = [communicator.Rank == 2 ? float.NaN : 0, 5];
            var (weight, bias) = (new float[6], new float[2]);
            new SufficientFactors(communicator, 2, 3, 2).Sum(input, gradient, weight, bias);
            Assert.That(weight, Is.EqualTo(new[] { float.NaN, float.NaN, float.NaN, 15, float.PositiveInfinity, 45 }));
            Assert.That(bias, Is.EqualTo(new[] { float.NaN, 15 }));
        });
    }

    [TestCase(32, 9216, 4096, 8, true, Description = "AlexNet's fc6 at a small batch, on few ranks")]
    [TestCase(256, 9216, 4096, 32, false, Description = "the same at a large batch, on many")]
    [TestCase(64, 784, 10, 2, false, Description = "a narrow layer")]
    [TestCase(1, 4096, 4096, 1, false, Description = "one rank sends nothing")]
    public void The_shorter_way_is_chosen(int capacity, int inputs, int outputs, int ranks, bool pays)
    {
        Assert.That(SufficientFactors.Pay(capacity, inputs, outputs, ranks), Is.EqualTo(pays));
        Assert.That(ranks * (long)capacity * (inputs + outputs) < 2L * inputs * outputs, Is.EqualTo(pays || ranks == 1), "the rule of the summary");
    }

    [Test]
    public void Lengths_that_do_not_fit_are_named() => ReductionRanks.Run(1, communicator =>
    {
        var factors = new SufficientFactors(communicator, 2, 3, 4);
        Assert.That(() => factors.Sum(new float[9], new float[12], new float[12], []), Throws.ArgumentException.With.Message.Contains("at most 2 samples"));
        Assert.That(() => factors.Sum(new float[6], new float[4], new float[12], []), Throws.ArgumentException.With.Message.Contains("4 output gradients"));
        Assert.That(() => factors.Sum(new float[6], new float[8], new float[11], []), Throws.ArgumentException.With.Message.Contains("12 weights"));
        Assert.That(() => factors.Sum(new float[6], new float[8], new float[12], new float[3]), Throws.ArgumentException.With.Message.Contains("4 biases or none"));
        Assert.That(() => new SufficientFactors(communicator, 0, 3, 4), Throws.InstanceOf<ArgumentOutOfRangeException>());
    });
}
