using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Tests.Reduction;

/// <summary>Small convex problems, solved by gradient descent over reduced gradients. All is seeded: a case holds always or never.</summary>
public sealed class ConvergenceTests
{
    private const int Ranks = 3, Rows = 12, Columns = 20;

    // Their sum is zero, and none is.
    private static readonly int[] _sides = [-3, 1, 2];

    [TestCase("none", 1e-5)]
    [TestCase("int8", 0.01)]
    [TestCase("top-k:24", 0.05)]
    [TestCase("powersgd:1", 0.01)]
    public void Feedback_reaches_the_optimum(string name, double within) => Assert.That(Distance(name, feedback: true), Is.LessThan(within));

    [TestCase("top-k:24", 0.6)]
    public void Without_feedback_it_is_not_reached(string name, double beyond) => Assert.That(Distance(name, feedback: false), Is.GreaterThan(beyond));

    [TestCase("f16", 0.01)]
    [TestCase("bf16", 0.02)]
    [TestCase("int8", 0.02)]
    [TestCase("top-k:0.05", 0.02)]
    [TestCase("powersgd:1", 0.02)]
    public void A_classifier_learns_as_well(string name, double within)
    {
        var plain = Classify("none");
        Assert.That(plain, Is.LessThan(0.5), "it learns");
        Assert.That(Classify(name), Is.LessThan(plain * (1 + within)));
    }

    /// <summary>
    /// The mean over the ranks of |W - C_r|^2 / 2, where the C_r differ far more than their mean is long, so that each rank's largest gradients cancel
    /// out with the others'. Gives how far W is from the mean in the end, in parts of its length.
    /// </summary>
    private static double Distance(string name, bool feedback)
    {
        const int Steps = 4000;
        var (optimum, apart) = (ReductionRanks.Random(1, Rows * Columns, seed: 1)[0], ReductionRanks.Random(1, Rows * Columns, seed: 2)[0]);
        var distance = 0.0;
        ReductionRanks.Run(Ranks, communicator =>
        {
            var (reduction, bucket) = (ReductionText.Parse(name, seed: 1), ReductionRanks.Bucket(0, 0, [Rows, Columns]));
            reduction.Prepare([bucket], communicator);
            var (values, gradients) = (new float[Rows * Columns], new float[Rows * Columns]);
            for (var step = 0; step < Steps; step++)
            {
                for (var i = 0; i < values.Length; i++)
                {
                    var centre = optimum[i] + (i % 2 == 0 ? _sides[communicator.Rank] * (10 + MathF.Abs(apart[i])) : 0);
                    gradients[i] = (values[i] - centre) / Ranks;
                }

                Step(reduction, bucket, values, gradients, rate: 0.03 / (1 + (step / 200.0)), feedback);
            }

            if (communicator.Rank == 0)
            {
                distance = ReductionRanks.RelativeError(values, [.. optimum.Select(v => (double)v)]);
            }
        });
        return distance;
    }

    /// <summary>Logistic regression of 8 classes, each rank with samples of its own; gives the mean loss in the end.</summary>
    private static double Classify(string name)
    {
        const int Classes = 8, Features = 24, Samples = 60, Steps = 200;
        var losses = new double[Ranks];
        ReductionRanks.Run(Ranks, communicator =>
        {
            var random = new Random(communicator.Rank);
            var labels = Enumerable.Range(0, Samples).Select(_ => random.Next(Classes)).ToArray();
            var inputs = labels.Select(label => Enumerable.Range(0, Features).Select(f => ReductionRanks.Normal(random) + (f % Classes == label ? 1.5f : 0)).ToArray()).ToArray();
            var (reduction, bucket) = (ReductionText.Parse(name, seed: 1), ReductionRanks.Bucket(0, 0, [Classes, Features]));
            reduction.Prepare([bucket], communicator);
            var values = new float[Classes * Features];
            for (var step = 0; step <= Steps; step++)
            {
                var gradients = new float[values.Length];
                losses[communicator.Rank] = 0;
                for (var sample = 0; sample < Samples; sample++)
                {
                    var scores = Enumerable.Range(0, Classes).Select(c => Enumerable.Range(0, Features).Sum(f => (double)values[(c * Features) + f] * inputs[sample][f])).ToArray();
                    var (top, label) = (scores.Max(), labels[sample]);
                    var total = scores.Sum(s => Math.Exp(s - top));
                    losses[communicator.Rank] += (Math.Log(total) + top - scores[label]) / Samples;
                    for (var i = 0; i < gradients.Length; i++)
                    {
                        var surplus = (Math.Exp(scores[i / Features] - top) / total) - (i / Features == label ? 1 : 0);
                        gradients[i] += (float)(surplus * inputs[sample][i % Features] / (Samples * Ranks));
                    }
                }

                if (step < Steps)
                {
                    Step(reduction, bucket, values, gradients, rate: 0.5, feedback: true);
                }
            }
        });
        return losses.Average();
    }

    private static void Step(GradientReduction reduction, GradientBucket bucket, float[] values, float[] gradients, double rate, bool feedback)
    {
        reduction.Reduce(bucket, gradients);
        if (!feedback)
        {
            reduction.State["residual"].AsSpan().Clear();
        }

        for (var i = 0; i < values.Length; i++)
        {
            values[i] -= (float)(rate * gradients[i]);
        }
    }
}
