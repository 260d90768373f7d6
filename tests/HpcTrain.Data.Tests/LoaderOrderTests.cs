namespace HpcTrain.Data.Tests;

/// <summary>Every epoch is a permutation; it is the same for every number of ranks, and another one in every epoch.</summary>
[TestFixture]
internal sealed class LoaderOrderTests
{
    private const int Count = 211;

    private TempFolder temp = null!;
    private ShardedDataset dataset = null!;

    [OneTimeSetUp]
    public void Write()
    {
        temp = new TempFolder();
        Samples.Write(temp["set"], Count, shardSamples: 64, chunk: 8);
        dataset = ShardedDataset.Open(temp["set"]);
    }

    [OneTimeTearDown]
    public void Remove()
    {
        dataset.Dispose();
        temp.Dispose();
    }

    private static LoaderOptions Options(ShuffleMode mode, bool shuffle = true) => new()
    {
        BatchSize = 5,
        Seed = 42,
        Shuffle = shuffle,
        Mode = mode,
        // Little enough that the windows of Blocks hold only some of the chunks.
        CacheBytes = mode == ShuffleMode.Blocks ? 4200 : 1 << 20,
    };

    private static IEnumerable<TestCaseData> Orders =>
        from ranks in Enumerable.Range(1, 7)
        from mode in new[] { ShuffleMode.Full, ShuffleMode.Blocks }
        select new TestCaseData(mode, ranks);

    [TestCaseSource(nameof(Orders))]
    public void All_ranks_together_see_one_permutation_in_the_same_order(ShuffleMode mode, int ranks)
    {
        using var alone = new Loader(dataset, Options(mode) with { BatchSize = 5 * ranks });
        var loaders = Enumerable.Range(0, ranks).Select(rank => new Loader(dataset, Options(mode) with { Rank = rank, Ranks = ranks })).ToArray();
        for (var epoch = 0; epoch < 2; epoch++)
        {
            var seen = new List<long>();
            for (var step = 0L; step < loaders[0].StepsPerEpoch; step++)
            {
                var whole = Samples.Ids(alone.Next()!);
                var parts = loaders.Select(loader => loader.Next()!).ToArray();
                Assert.That(parts.SelectMany(Samples.Ids), Is.EqualTo(whole), $"epoch {epoch}, step {step}");
                Assert.That(parts.Select(part => part.GlobalCount), Is.All.EqualTo(whole.Length));
                var counts = parts.Select(part => part.Count).ToArray();
                Assert.That(counts, Is.Ordered.Descending);
                Assert.That(counts[0] - counts[^1], Is.LessThanOrEqualTo(1));
                seen.AddRange(whole);
            }
            Assert.That(seen.Order(), Is.EqualTo(Enumerable.Range(0, Count).Select(id => (long)id)), "each sample once");
            Assert.That(seen, Is.Not.Ordered);
            Assert.That(alone.Next(), Is.Null);
            Assert.That(loaders.Select(loader => loader.Next()), Is.All.Null);
        }
        foreach (var loader in loaders)
            loader.Dispose();
    }

    [TestCase(ShuffleMode.Full)]
    [TestCase(ShuffleMode.Blocks)]
    public void Epochs_and_seeds_have_orders_of_their_own(ShuffleMode mode)
    {
        using var one = new Loader(dataset, Options(mode));
        using var same = new Loader(dataset, Options(mode));
        using var other = new Loader(dataset, Options(mode) with { Seed = 43 });
        var first = Samples.Epoch(one);
        Assert.That(Samples.Epoch(same), Is.EqualTo(first));
        Assert.That(Samples.Epoch(other), Is.Not.EqualTo(first));
        Assert.That(Samples.Epoch(one), Is.Not.EqualTo(first));
    }

    [Test]
    public void Without_shuffle_samples_come_as_stored()
    {
        using var loader = new Loader(dataset, Options(ShuffleMode.Auto, shuffle: false));
        Assert.That(loader.Order, Is.EqualTo("sequential"));
        Assert.That(Samples.Epoch(loader), Is.EqualTo(Enumerable.Range(0, Count).Select(id => (long)id)));
    }

    [Test]
    public void Auto_chooses_by_what_fits_the_cache_and_says_so()
    {
        using var large = new Loader(dataset, Options(ShuffleMode.Auto));
        using var small = new Loader(dataset, Options(ShuffleMode.Auto) with { CacheBytes = 4200 });
        Assert.That(large.Order, Is.EqualTo("full"));
        Assert.That(small.Order, Is.EqualTo("blocks of 8 in windows of 11"));
    }

    [Test]
    public void Blocks_decode_every_chunk_once_per_epoch()
    {
        var folder = temp["many"];
        Samples.Write(folder, 4096, shardSamples: 1024, chunk: 16);
        using var many = ShardedDataset.Open(folder);
        using var loader = new Loader(many, new LoaderOptions
        {
            BatchSize = 16,
            Mode = ShuffleMode.Blocks,
            Fields = ["pixels"],
            CacheBytes = 64 * 16 * Samples.Pixels,
        });
        Assert.That(loader.Order, Is.EqualTo("blocks of 16 in windows of 32"));
        var chunks = many.Count / 16;
        while (loader.Next() is not null)
        {
        }
        Assert.That(loader.ChunksRead, Is.InRange(chunks, chunks + 64), "the background thread may be in the next epoch");
    }

    [Test]
    public void Drop_last_leaves_out_the_short_step()
    {
        using var loader = new Loader(dataset, Options(ShuffleMode.Full) with { BatchSize = 50, DropLast = true });
        Assert.That(loader.StepsPerEpoch, Is.EqualTo(4));
        Assert.That(Samples.Epoch(loader), Has.Count.EqualTo(200).And.Unique);
        Assert.That(Samples.Epoch(loader), Has.Count.EqualTo(200).And.Unique);
    }

    [Test]
    public void A_rank_without_a_sample_in_the_last_step_still_takes_part()
    {
        var ranks = Enumerable.Range(0, 3).Select(rank => new Loader(dataset, Options(ShuffleMode.Full) with { BatchSize = 35, Rank = rank, Ranks = 3 })).ToArray();
        foreach (var loader in ranks)
        {
            _ = loader.Next();
            _ = loader.Next();
        }
        var last = ranks.Select(loader => loader.Next()!).ToArray();
        Assert.That(last.Select(batch => batch.Count), Is.EqualTo(new[] { 1, 0, 0 }));
        Assert.That(last.Select(batch => batch.GlobalCount), Is.All.EqualTo(1));
        Assert.That(last[1].Shape("pixels").ToArray(), Is.EqualTo(new long[] { 0, 3, 4 }));
        foreach (var loader in ranks)
            loader.Dispose();
    }
}
