using HpcTrain.Data.Loading;

namespace HpcTrain.Data.Tests;

/// <summary>Steps that ranks divide unequally.</summary>
[TestFixture]
internal sealed class LoaderShareTests
{
    private const int Count = 101;

    private TempFolder temp = null!;
    private ShardedDataset dataset = null!;

    [OneTimeSetUp]
    public void Write()
    {
        temp = new TempFolder();
        Samples.Write(temp["set"], Count, shardSamples: 40, chunk: 16, deflate: 1);
        dataset = ShardedDataset.Open(temp["set"]);
    }

    [OneTimeTearDown]
    public void Remove()
    {
        dataset.Dispose();
        temp.Dispose();
    }

    [Test]
    public void Parts_follow_each_other_cover_a_step_and_are_as_long_as_their_share([Values(1, 2, 3, 7)] int ranks)
    {
        var random = new Random(ranks);
        double[] shares = [.. Enumerable.Range(0, ranks).Select(_ => random.NextDouble() + 0.05)];
        var parts = new StepParts(ranks, shares);
        for (var global = 0; global < 300; global++)
        {
            var next = 0;
            for (var rank = 0; rank < ranks; rank++)
            {
                var (offset, count) = parts.Of(global, rank);
                Assert.That(offset, Is.EqualTo(next));
                Assert.That(count, Is.EqualTo(global * shares[rank] / shares.Sum()).Within(1.0));
                next += count;
            }
            Assert.That(next, Is.EqualTo(global));
        }
    }

    [Test]
    public void Ranks_with_shares_see_together_what_ranks_with_equal_parts_see()
    {
        LoaderOptions Options(int rank, double[]? shares) => new() { BatchSize = 8, Rank = rank, Ranks = 3, Seed = 5, Shares = shares };
        double[] uneven = [1, 4, 0.5];
        var equal = Enumerable.Range(0, 3).Select(rank => new Loader(dataset, Options(rank, null))).ToList();
        var shared = Enumerable.Range(0, 3).Select(rank => new Loader(dataset, Options(rank, uneven))).ToList();
        for (var step = 0; step < equal[0].StepsPerEpoch; step++)
        {
            long[][] Step(List<Loader> loaders) => [.. loaders.Select(loader => loader.Next()!).Select(batch => batch.SampleIndices.ToArray())];
            var (expected, actual) = (Step(equal), Step(shared));
            Assert.That(actual.SelectMany(part => part), Is.EqualTo(expected.SelectMany(part => part)));
            if (step == 0)
                Assert.That(actual.Select(part => part.Length), Is.EqualTo(new[] { 4, 18, 2 }));
        }
        foreach (var loader in equal.Concat(shared))
        {
            Assert.That(loader.Next(), Is.Null);
            loader.Dispose();
        }
    }

    [Test]
    public void Shares_that_cannot_be_are_refused()
    {
        foreach (var shares in new double[][] { [1], [1, 0], [1, -2], [1, double.NaN] })
            Assert.That(
                () => new Loader(dataset, new LoaderOptions { BatchSize = 8, Ranks = 2, Shares = shares }),
                Throws.TypeOf<DatasetException>().With.Message.Contains("positive number"));
    }
}
