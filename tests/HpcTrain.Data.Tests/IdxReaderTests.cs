using System.Buffers.Binary;
using System.IO.Compression;
using HpcTrain.Kernels;

namespace HpcTrain.Data.Tests;

[TestFixture]
internal sealed class IdxReaderTests
{
    private TempFolder temp = null!;

    [SetUp]
    public void Create() => temp = new TempFolder();

    [TearDown]
    public void Remove() => temp.Dispose();

    private static byte[] Idx(byte type, int[] extents, byte[] data)
    {
        var header = new byte[4 + 4 * extents.Length];
        header[2] = type;
        header[3] = (byte)extents.Length;
        for (var i = 0; i < extents.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * i), extents[i]);
        return [.. header, .. data];
    }

    private static byte[] Gzip(byte[] data)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest))
            gzip.Write(data);
        return result.ToArray();
    }

    private string File(string name, byte[] contents)
    {
        System.IO.File.WriteAllBytes(temp[name], contents);
        return temp[name];
    }

    private string Images(int count = 50, bool gzip = false, int cut = 0)
    {
        var bytes = Idx(8, [count, 3, 4], [.. Enumerable.Range(0, count * 12).Select(i => (byte)i)]);
        return File("images", gzip ? Gzip(bytes)[..^cut] : bytes[..^cut]);
    }

    private string Labels(int count = 50) => File("labels", Idx(8, [count], [.. Enumerable.Range(0, count).Select(i => (byte)(i % 10))]));

    private ImportResult Import(string images, string labels, ImportOptions? options = null, IReadOnlyList<long>? shape = null)
    {
        using var reader = new IdxReader(images, labels, shape);
        return DatasetImport.Run(reader, temp["set"], options);
    }

    private void Fails(string images, string labels, params string[] parts)
    {
        var failure = Assert.Catch<DatasetException>(() => Import(images, labels))!;
        foreach (var part in parts)
            Assert.That(failure.Message, Does.Contain(part));
        Assert.That(Directory.EnumerateDirectories(temp.Path), Is.Empty, "nothing is left");
    }

    [Test]
    public void Images_and_labels_arrive_plain_or_gzip([Values] bool gzip)
    {
        var result = Import(Images(gzip: gzip), Labels(), new ImportOptions { ShardSamples = 20 });
        Assert.That(result.Imported);
        Assert.That(result.Manifest.Fields.Select(field => field.ToString()), Is.EqualTo(new[] { "image u8 [1,3,4]", "label u8 []" }));
        Assert.That(result.Manifest.Shards.Select(shard => shard.Samples), Is.EqualTo(new[] { 20, 20, 10 }));
        using var dataset = ShardedDataset.Open(temp["set"], new DatasetOptions { Check = DatasetCheck.Checksums });
        Assert.That(dataset.Read<byte>("image", 0, 50), Is.EqualTo(Enumerable.Range(0, 600).Select(i => (byte)i)));
        Assert.That(dataset.Read<byte>("label", 0, 50), Is.EqualTo(Enumerable.Range(0, 50).Select(i => (byte)(i % 10))));
    }

    [Test]
    public void The_manifest_names_the_inputs_as_they_lie_on_disk([Values] bool gzip)
    {
        var images = Images(gzip: gzip);
        var source = Import(images, Labels()).Manifest.Source!;
        Assert.That(source.Importer, Is.EqualTo("idx"));
        Assert.That(source.Inputs[0], Is.EqualTo(new SourceFile("images", new FileInfo(images).Length, FileHash.Sha256(images))));
    }

    [Test]
    public void A_shape_can_be_given()
    {
        Assert.That(Import(Images(), Labels(), shape: [12]).Manifest.Fields[0].Shape, Is.EqualTo(new long[] { 12 }));
        Assert.That(() => Import(Images(), Labels(), shape: [13]), Throws.TypeOf<DatasetException>().With.Message.Contains("[3,4], which cannot become [13]"));
    }

    [Test]
    public void Wide_elements_are_big_endian_in_the_file()
    {
        var floats = new byte[16];
        BinaryPrimitives.WriteSingleBigEndian(floats, 1.5f);
        BinaryPrimitives.WriteSingleBigEndian(floats.AsSpan(12), -2);
        _ = Import(File("images", Idx(0x0D, [2, 2], floats)), File("labels", Idx(0x0B, [2], [1, 0, 0, 7])));
        using var dataset = ShardedDataset.Open(temp["set"]);
        Assert.That(dataset.Read<float>("image", 0, 2), Is.EqualTo(new[] { 1.5f, 0, 0, -2 }));
        Assert.That(dataset.Fields[0].Type, Is.EqualTo(ElementType.F32));
        Assert.That(dataset.Read<short>("label", 0, 2), Is.EqualTo(new short[] { 256, 7 }));
    }

    [Test]
    public void Fashion_MNIST_as_Debian_ships_it()
    {
        const string Folder = "/usr/share/datasets/fashion-mnist/";
        if (!Directory.Exists(Folder))
            Assert.Ignore("Fashion-MNIST is not installed (Debian: apt install dataset-fashion-mnist)");
        var result = Import(Folder + "t10k-images-idx3-ubyte.gz", Folder + "t10k-labels-idx1-ubyte.gz");
        Assert.That(result.Manifest.Samples, Is.EqualTo(10_000));
        using var dataset = ShardedDataset.Open(temp["set"]);
        Assert.That(dataset.Read<byte>("label", 0, 10_000).GroupBy(label => label).Select(group => group.Count()), Has.Exactly(10).Items.And.All.EqualTo(1000));
        Assert.That(dataset.Read<byte>("image", 0, 10_000).Average(pixel => pixel), Is.EqualTo(73.15).Within(0.1));
    }

    [Test]
    public void Different_counts() => Fails(Images(50), Labels(49), "50 images", "49 labels");

    [Test]
    public void Cut_short() => Fails(Images(cut: 13), Labels(), "cut short", "48 of 50");

    [Test]
    public void A_gzip_cut_short() => Fails(Images(gzip: true, cut: 60), Labels(), temp["images"]);

    [Test]
    public void Too_long() => Fails(File("images", [.. System.IO.File.ReadAllBytes(Images()), 0]), Labels(), "longer than its header says");

    [Test]
    public void Empty_and_foreign_files()
    {
        Fails(File("images", []), Labels(), "is empty");
        Fails(File("images", "hello, world, this is text"u8.ToArray()), Labels(), "is no IDX file");
        Fails(File("images", Idx(8, [0, 3, 4], [])), File("labels", Idx(8, [0], [])), "holds no samples");
        Fails(temp["absent"], Labels(), temp["absent"], "does not exist");
        Fails(Labels(), Labels(), "holds single numbers, not images");
        Fails(Images(), Images(), "not labels");
    }

    [Test]
    public void A_damaged_gzip()
    {
        var bytes = Gzip(Idx(8, [50, 3, 4], [.. Enumerable.Range(0, 600).Select(i => (byte)(i * i))]));
        bytes[bytes.Length / 2] ^= 0xff;
        bytes[bytes.Length / 2 + 1] ^= 0xff;
        Fails(File("images", bytes), Labels(), temp["images"]);
    }

    [Test]
    public void An_identical_import_does_nothing_and_another_is_refused()
    {
        var keep = new ImportOptions { Existing = ExistingDataset.KeepIdentical };
        Assert.That(Import(Images(), Labels(), keep).Imported);
        var written = Directory.GetLastWriteTimeUtc(temp["set"]);
        Assert.That(Import(Images(), Labels(), keep).Imported, Is.False);
        Assert.That(Directory.GetLastWriteTimeUtc(temp["set"]), Is.EqualTo(written));

        Assert.That(() => Import(Images(), Labels(), keep with { Deflate = 0 }), Throws.TypeOf<DatasetException>().With.Message.Contains("its deflate is 4, not 0"));
        Assert.That(() => Import(Images(), Labels(), keep, shape: [12]), Throws.TypeOf<DatasetException>().With.Message.Contains("its shape is the default, not 12"));
        var other = Images();
        var bytes = System.IO.File.ReadAllBytes(other);
        bytes[^1]++;
        System.IO.File.WriteAllBytes(other, bytes);
        Assert.That(() => Import(other, Labels(), keep), Throws.TypeOf<DatasetException>().With.Message.Contains("another images than"));
        Assert.That(Import(other, Labels(), keep with { Existing = ExistingDataset.Replace }).Imported);
        System.IO.File.Delete(temp["set/shard-00000.h5"]);
        Assert.That(() => Import(other, Labels(), keep), Throws.TypeOf<DatasetException>().With.Message.Contains("is missing").And.Message.Contains("--overwrite"));
    }

    [Test]
    public void Progress_ends_at_the_end()
    {
        var reports = new List<ImportProgress>();
        _ = Import(Images(), Labels(), new ImportOptions { OnProgress = reports.Add });
        Assert.That(reports[^1], Is.EqualTo(new ImportProgress(50, 50, 1)));
        Assert.That(reports.Select(report => report.Fraction), Is.Ordered);
    }
}
