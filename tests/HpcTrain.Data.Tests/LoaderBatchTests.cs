using System.Runtime.InteropServices;
using HpcTrain.Kernels;

namespace HpcTrain.Data.Tests;

/// <summary>Batches: their arrays, shapes, transforms and life time.</summary>
[TestFixture]
internal sealed class LoaderBatchTests
{
    private const int Count = 100;

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
    public void Transforms_convert_scale_and_reshape()
    {
        using var loader = new Loader(dataset, new LoaderOptions
        {
            BatchSize = 8,
            Transforms =
            [
                new("pixels", ElementType.F32) { Scale = 1 / 255.0, Offset = -0.5, Shape = [1, 12] },
                new("id", ElementType.I32),
            ],
        });
        var batch = loader.Next()!;
        Assert.That(batch.Type("pixels"), Is.EqualTo(ElementType.F32));
        Assert.That(batch.Shape("pixels").ToArray(), Is.EqualTo(new long[] { 8, 1, 12 }));
        var ids = batch.Values<int>("id").ToArray();
        Assert.That(ids.Select(id => (long)id), Is.EqualTo(batch.SampleIndices.ToArray()));
        var expected = ids.SelectMany(id => Samples.PixelsOf(id)).Select(pixel => pixel * (float)(1 / 255.0) + -0.5f);
        Assert.That(batch.Values<float>("pixels").ToArray(), Is.EqualTo(expected));
    }

    [Test]
    public void Only_the_named_fields_are_loaded()
    {
        using var loader = new Loader(dataset, new LoaderOptions { BatchSize = 8, Fields = ["pixels"] });
        var batch = loader.Next()!;
        Assert.That(batch.Fields, Is.EqualTo(new[] { "pixels" }));
        Assert.That(() => batch.Data("id"), Throws.TypeOf<DatasetException>().With.Message.Contains("the loaded fields are pixels"));
    }

    [Test]
    public void Arrays_are_pinned_have_room_for_a_full_batch_and_stay_with_their_slot()
    {
        using var loader = new Loader(dataset, new LoaderOptions { BatchSize = 7, Prefetch = 3 });
        var bySlot = new Dictionary<int, (Array Array, nint Address)>();
        for (var call = 0; call < 60; call++)
        {
            if (loader.Next() is not { } batch)
                continue;
            var array = (byte[])batch.Data("pixels");
            Assert.That(array, Has.Length.EqualTo(7 * Samples.Pixels));
            Assert.That(batch.Slot, Is.InRange(0, loader.Slots - 1));
            var address = Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
            if (bySlot.TryGetValue(batch.Slot, out var before))
                Assert.That((array, address), Is.EqualTo((before.Array, before.Address)));
            bySlot[batch.Slot] = (array, address);
            GC.Collect();
        }
        Assert.That(bySlot, Has.Count.EqualTo(loader.Slots));
    }

    [Test]
    public void A_batch_keeps_its_contents_during_the_next_call()
    {
        using var loader = new Loader(dataset, new LoaderOptions { BatchSize = 9, Prefetch = 1 });
        Batch? previous = null;
        long[]? contents = null;
        for (var call = 0; call < 80; call++)
        {
            var batch = loader.Next();
            if (previous is not null)
            {
                Thread.Sleep(1);
                Assert.That(Samples.Ids(previous), Is.EqualTo(contents));
            }
            (previous, contents) = batch is null ? (null, null) : (batch, Samples.Ids(batch));
        }
    }

    [Test]
    public void A_returned_batch_lets_the_loader_go_on()
    {
        using var loader = new Loader(dataset, new LoaderOptions { BatchSize = 9, Prefetch = 1 });
        for (var call = 0; call < 50; call++)
        {
            var batch = loader.Next();
            batch?.Return();
            batch?.Return();
        }
        Assert.That(loader.State.Epoch, Is.EqualTo(50 / (loader.StepsPerEpoch + 1)));
    }

    [Test]
    public void Nothing_is_allocated_per_step_after_warm_up([Values(1 << 20, 600)] int cacheBytes)
    {
        using var loader = new Loader(dataset, new LoaderOptions
        {
            BatchSize = 8,
            CacheBytes = cacheBytes,
            Transforms = [new("pixels", ElementType.F32) { Scale = 0.1 }, new("id", ElementType.F16) { Offset = 1 }],
        });
        for (var call = 0; call < 200; call++)
            _ = loader.Next();
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var call = 0; call < 1000; call++)
            _ = loader.Next();
        var perStep = (GC.GetTotalAllocatedBytes(precise: true) - before) / 1000.0;
        Assert.That(perStep, Is.LessThan(1));
    }

    [Test]
    public void A_failing_shard_shows_in_Next_and_stays()
    {
        Samples.Write(temp["bad"], Count, shardSamples: 40, chunk: 16);
        using var bad = ShardedDataset.Open(temp["bad"]);
        var shard = bad.ShardPath(1);
        File.WriteAllBytes(shard, new byte[new FileInfo(shard).Length]);
        using var loader = new Loader(bad, new LoaderOptions { BatchSize = 10, Shuffle = false });
        Assert.That(loader.Next(), Is.Not.Null);
        DatasetException? failure = null;
        for (var call = 0; call < 10 && failure is null; call++)
        {
            try
            {
                _ = loader.Next();
            }
            catch (DatasetException e)
            {
                failure = e;
            }
        }
        Assert.That(failure?.Message, Does.Contain(shard).And.Contain("import the dataset again"));
        Assert.That(loader.Next, Throws.TypeOf<DatasetException>());
    }

    [Test]
    public void After_dispose_Next_says_so()
    {
        var loader = new Loader(dataset, new LoaderOptions { BatchSize = 10 });
        loader.Dispose();
        loader.Dispose();
        Assert.That(() =>
        {
            for (var call = 0; call < 10; call++)
                _ = loader.Next();
        }, Throws.TypeOf<ObjectDisposedException>());
    }

    private static IEnumerable<TestCaseData> BadOptions =>
    [
        new(new LoaderOptions { BatchSize = 0 }, "batch of 0"),
        new(new LoaderOptions { BatchSize = 1, Rank = 2, Ranks = 2 }, "no rank 2 of 2"),
        new(new LoaderOptions { BatchSize = 1, Ranks = 0 }, "of 0"),
        new(new LoaderOptions { BatchSize = 1, Prefetch = 0 }, "prefetch of 1 or more"),
        new(new LoaderOptions { BatchSize = 60, Ranks = 2, DropLast = true }, "too few"),
        new(new LoaderOptions { BatchSize = 1, Fields = ["pixel"] }, "has no field 'pixel'; its fields are id, pixels"),
        new(new LoaderOptions { BatchSize = 1, Fields = [] }, "no field"),
        new(new LoaderOptions { BatchSize = 1, Transforms = [new("ids", ElementType.F32)] }, "its fields are id, pixels"),
        new(new LoaderOptions { BatchSize = 1, Fields = ["id"], Transforms = [new("pixels", ElementType.F32)] }, "not among the loaded fields"),
        new(new LoaderOptions { BatchSize = 1, Transforms = [new("id", ElementType.F32), new("id", ElementType.F64)] }, "two transforms"),
        new(new LoaderOptions { BatchSize = 1, Transforms = [new("pixels", ElementType.F32) { Shape = [4, 2] }] }, "cannot become [4,2]"),
    ];

    [TestCaseSource(nameof(BadOptions))]
    public void Options_that_make_no_sense_are_refused_with_a_sentence(LoaderOptions options, string part) =>
        Assert.That(() => new Loader(dataset, options), Throws.TypeOf<DatasetException>().With.Message.Contains(part));
}
