namespace HpcTrain.Data.Tests;

[TestFixture]
internal sealed class MemoryTests
{
    [Test]
    public void A_loader_holds_no_more_than_its_cache_and_reads_all_the_same()
    {
        using var temp = new TempFolder();
        const int Count = 20_000;
        Samples.Write(temp["set"], Count, 4096, 64);
        using var dataset = ShardedDataset.Open(temp["set"]);
        using var loader = new Loader(dataset, new LoaderOptions { BatchSize = 100, CacheBytes = 40_000 });
        Assert.That(loader.Order, Does.StartWith("blocks of 64"));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var epoch = 0; epoch < 3; epoch++)
            while (loader.Next() is not null)
            {
            }
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.That(grown, Is.LessThan(80_000));
        Assert.That(loader.ChunksRead, Is.GreaterThan(3 * Count / 64));
    }

    [Test]
    public void An_import_allocates_by_its_buffers_not_by_its_input()
    {
        using var temp = new TempFolder();
        const int Count = 40_000;
        using (var images = File.Create(temp["images"]))
        {
            images.Write([0, 0, 8, 3, 0, 0, Count >> 8, Count & 255, 0, 0, 0, 40, 0, 0, 0, 40]);
            images.SetLength(16 + Count * 1600L); // 64 MB of zeros that take no room on the disk
        }
        using (var labels = File.Create(temp["labels"]))
        {
            labels.Write([0, 0, 8, 1, 0, 0, Count >> 8, Count & 255]);
            labels.SetLength(8 + Count);
        }
        using var reader = new IdxReader(temp["images"], temp["labels"]);
        var before = GC.GetTotalAllocatedBytes();
        _ = DatasetImport.Run(reader, temp["set"], new ImportOptions { Deflate = 1, ShardSamples = 10_000 });
        Assert.That(GC.GetTotalAllocatedBytes() - before, Is.LessThan(16 << 20));
    }
}
