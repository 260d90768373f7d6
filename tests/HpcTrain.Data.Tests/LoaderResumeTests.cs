using System.Text.Json;

namespace HpcTrain.Data.Tests;

/// <summary>A loader made from another's state hands out exactly what would have come next.</summary>
[TestFixture]
internal sealed class LoaderResumeTests
{
    private const int Count = 60;

    private TempFolder temp = null!;
    private ShardedDataset dataset = null!;

    [OneTimeSetUp]
    public void Write()
    {
        temp = new TempFolder();
        Samples.Write(temp["set"], Count, shardSamples: 25, chunk: 4);
        dataset = ShardedDataset.Open(temp["set"]);
    }

    [OneTimeTearDown]
    public void Remove()
    {
        dataset.Dispose();
        temp.Dispose();
    }

    private static LoaderOptions Options(ShuffleMode mode) =>
        new() { BatchSize = 7, Seed = 5, Mode = mode, CacheBytes = mode == ShuffleMode.Blocks ? 1100 : 1 << 20 };

    // The batches of the next steps; null marks the end of an epoch.
    private static List<long[]?> Take(Loader loader, int calls) =>
        [.. Enumerable.Range(0, calls).Select(_ => loader.Next() is { } batch ? Samples.Ids(batch) : null)];

    [Test]
    public void Any_point_of_two_epochs([Values(ShuffleMode.Full, ShuffleMode.Blocks)] ShuffleMode mode, [Range(0, 21)] int calls)
    {
        using var loader = new Loader(dataset, Options(mode));
        _ = Take(loader, calls);
        var state = JsonSerializer.Deserialize<LoaderState>(JsonSerializer.Serialize(loader.State))!;
        using var resumed = new Loader(dataset, Options(mode) with { Seed = 999 }, state);
        Assert.That(resumed.State, Is.EqualTo(loader.State));
        Assert.That(Take(resumed, 12), Is.EqualTo(Take(loader, 12)));
    }

    [Test]
    public void Another_number_of_ranks_goes_on_with_the_next_samples([Range(1, 4)] int ranks)
    {
        using var loader = new Loader(dataset, Options(ShuffleMode.Full));
        var seen = Take(loader, 3).SelectMany(batch => batch!).ToList();
        var state = loader.State;
        Assert.That(state.Position, Is.EqualTo(21));
        var rest = Samples.Epoch(loader);

        var others = Enumerable.Range(0, ranks).Select(rank => new Loader(dataset, Options(ShuffleMode.Full) with { Rank = rank, Ranks = ranks, BatchSize = 3 }, state)).ToArray();
        var together = new List<long>();
        while (true)
        {
            var parts = others.Select(other => other.Next()).ToArray();
            if (parts[0] is null)
            {
                Assert.That(parts, Is.All.Null);
                break;
            }
            together.AddRange(parts.SelectMany(part => Samples.Ids(part!)));
        }
        Assert.That(together, Is.EqualTo(rest));
        Assert.That(seen.Concat(together).Order(), Is.EqualTo(Enumerable.Range(0, Count).Select(id => (long)id)));
        Assert.That(others[0].State, Is.EqualTo(loader.State));
        foreach (var other in others)
            other.Dispose();
    }

    [Test]
    public void A_state_of_another_order_is_refused()
    {
        using var loader = new Loader(dataset, Options(ShuffleMode.Full));
        var state = loader.State;
        Assert.That(() => new Loader(dataset, Options(ShuffleMode.Blocks), state),
            Throws.TypeOf<DatasetException>().With.Message.Contains("another sample order").And.Message.Contains("blocks of"));

        Samples.Write(temp["other"], Count + 1, shardSamples: 25, chunk: 4);
        using var other = ShardedDataset.Open(temp["other"]);
        Assert.That(() => new Loader(other, Options(ShuffleMode.Full), state), Throws.TypeOf<DatasetException>().With.Message.Contains("same data"));
        Assert.That(() => new Loader(dataset, Options(ShuffleMode.Full), new LoaderState(0, Count + 1, 5)),
            Throws.TypeOf<DatasetException>().With.Message.Contains("outside of"));
    }
}
