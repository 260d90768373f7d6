using System.Diagnostics;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using HpcTrain.Kernels;

namespace HpcTrain.Data.Tests;

[TestFixture]
internal sealed class DatasetWriterTests
{
    private TempFolder temp = null!;

    [SetUp]
    public void Create() => temp = new TempFolder();

    [TearDown]
    public void Remove() => temp.Dispose();

    [Test]
    public void What_goes_in_comes_out_whatever_the_sizes()
    {
        var run = 0;
        var property = Prop.ForAll<PositiveInt, PositiveInt, PositiveInt>((count, shard, chunk) =>
        {
            var folder = temp[$"set{run++}"];
            using (var writer = DatasetWriter.Create(folder, Samples.Fields, new WriterOptions { ShardSamples = shard.Get, ChunkSamples = chunk.Get, Deflate = run % 3 }))
            {
                // In pieces of different sizes.
                for (var done = 0; done < count.Get;)
                {
                    var part = Math.Min(count.Get - done, 1 + done % 7);
                    Samples.Append(writer, done, part);
                    done += part;
                }
                writer.Commit();
            }
            using var dataset = ShardedDataset.Open(folder, new DatasetOptions { Check = DatasetCheck.Checksums, OpenShards = 2 });
            var ids = Enumerable.Range(0, count.Get).Select(id => (long)id).ToArray();
            return dataset.Count == count.Get
                && dataset.Manifest.Shards.Count == (count.Get + shard.Get - 1) / shard.Get
                && dataset.Read<long>("id", 0, count.Get).SequenceEqual(ids)
                && dataset.Read<byte>("pixels", 0, count.Get).SequenceEqual(ids.SelectMany(Samples.PixelsOf))
                && dataset.Read<long>("id", count.Get / 3, count.Get / 2).SequenceEqual(ids.Skip(count.Get / 3).Take(count.Get / 2));
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(40), property);
    }

    [Test]
    public void Equal_data_give_equal_bytes_and_fingerprints()
    {
        var one = Samples.Write(temp["one"], 300, 128, 32, deflate: 4);
        Thread.Sleep(1100); // a second later, which times in files would show
        var two = Samples.Write(temp["two"], 300, 128, 32, deflate: 4);
        Assert.That(two.Fingerprint, Is.EqualTo(one.Fingerprint));
        Assert.That(File.ReadAllText(temp["two/manifest.json"]), Is.EqualTo(File.ReadAllText(temp["one/manifest.json"])));
        Assert.That(Samples.Write(temp["three"], 301, 128, 32, deflate: 4).Fingerprint, Is.Not.EqualTo(one.Fingerprint));
    }

    [Test]
    public void Every_element_type_can_be_stored()
    {
        FieldSchema[] fields = [.. ElementTypes.All.Select(type => new FieldSchema(type.Name(), type, [2]))];
        var data = ElementTypes.All.Select(type => Enumerable.Range(1, 3 * 2 * type.SizeInBytes()).Select(i => (byte)(i * 5)).ToArray()).ToArray();
        using (var writer = DatasetWriter.Create(temp["set"], fields))
        {
            writer.Append(3, [.. data.Select(bytes => (ReadOnlyMemory<byte>)bytes)]);
            writer.Commit();
        }
        using var dataset = ShardedDataset.Open(temp["set"], new DatasetOptions { Check = DatasetCheck.Schema });
        void Same<T>() where T : unmanaged
        {
            var type = ElementTypes.Of<T>();
            var read = MemoryMarshal.AsBytes(dataset.Read<T>(type.Name(), 0, 3).AsSpan()).ToArray();
            Assert.That(read, Is.EqualTo(data[(int)type]), type.Name());
        }
        Same<float>();
        Same<double>();
        Same<Half>();
        Same<BFloat16>();
        Same<sbyte>();
        Same<byte>();
        Same<short>();
        Same<ushort>();
        Same<int>();
        Same<uint>();
        Same<long>();
        Same<ulong>();
    }

    [Test]
    public void A_shard_is_an_HDF5_file_for_anyone()
    {
        const string Python = "/usr/bin/python3";
        if (!File.Exists(Python))
            Assert.Ignore("Python is not installed");
        using (var writer = DatasetWriter.Create(temp["set"], [new("half", ElementType.F16, [2]), new("brain", ElementType.BF16, []), new("id", ElementType.I64, [])],
            new WriterOptions { ShardSamples = 3 }))
        {
            var halves = MemoryMarshal.AsBytes(Enumerable.Range(0, 10).Select(i => (Half)(i * 0.5)).ToArray().AsSpan()).ToArray();
            var brains = MemoryMarshal.AsBytes(Enumerable.Range(0, 5).Select(i => (BFloat16)i).ToArray().AsSpan()).ToArray();
            writer.Append(5, halves, brains, MemoryMarshal.AsBytes(new long[] { 5, 6, 7, 8, 9 }.AsSpan()).ToArray());
            writer.Commit();
        }
        const string Script =
            """
            import sys
            try:
                import h5py
            except ImportError:
                sys.exit(77)
            f = h5py.File(sys.argv[1])
            print(f.attrs['format'].decode(), f.attrs['samples'], f.attrs['shard'], f.attrs['first_sample'], sorted(f))
            print(f['half'].dtype, f['half'][:].tolist(), f['half'].attrs['element_type'].decode(), f['half'].attrs['sample_shape'].tolist())
            print(f['brain'].dtype, f['brain'][:].tolist(), f['brain'].attrs['element_type'].decode(), f['id'][:].tolist())
            """;
        using var python = Process.Start(new ProcessStartInfo(Python, ["-c", Script, temp["set/shard-00001.h5"]]) { RedirectStandardOutput = true })!;
        var output = python.StandardOutput.ReadToEnd();
        Assert.That(python.WaitForExit(60_000));
        if (python.ExitCode == 77)
            Assert.Ignore("h5py is not installed (Debian: apt install python3-h5py)");
        Assert.That(output, Is.EqualTo(
            "hpctrain-shard 2 1 3 ['brain', 'half', 'id']\n" +
            "float16 [[3.0, 3.5], [4.0, 4.5]] f16 [2]\n" +
            "uint16 [16448, 16512] bf16 [8, 9]\n"));
    }

    [Test]
    public void Sizes_are_chosen_for_reading()
    {
        FieldSchema[] fields = [new("image", ElementType.U8, [1, 28, 28]), new("label", ElementType.U8, [])];
        using var chosen = DatasetWriter.Create(temp["a"], fields);
        Assert.That(chosen.Fields[0].ChunkSamples, Is.EqualTo(256));
        Assert.That(chosen.Fields[1].ChunkSamples, Is.EqualTo(16384));
        using var given = DatasetWriter.Create(temp["b"], fields, new WriterOptions { ChunkSamples = 100, ShardSamples = 1000 });
        Assert.That(given.Fields[0].ChunkSamples, Is.EqualTo(100));
        Assert.That(given.Fields[1].ChunkSamples, Is.EqualTo(800));
        using var large = DatasetWriter.Create(temp["c"], [new("volume", ElementType.F32, [128, 128, 128])]);
        Assert.That(large.Fields[0].ChunkSamples, Is.EqualTo(1));
    }

    [Test]
    public void Nothing_is_there_before_commit_and_nothing_is_left_without_it()
    {
        using (var writer = DatasetWriter.Create(temp["set"], Samples.Fields, new WriterOptions { ShardSamples = 10 }))
        {
            Samples.Append(writer, 0, 25);
            Assert.That(Directory.Exists(temp["set"]), Is.False);
            Assert.That(Directory.EnumerateFiles(temp[".set.importing"], "shard-*"), Is.Not.Empty);
        }
        Assert.That(Directory.EnumerateFileSystemEntries(temp.Path), Is.Empty);
    }

    [Test]
    public void The_remains_of_a_dead_import_are_cleared()
    {
        Directory.CreateDirectory(temp[".set.importing"]);
        File.WriteAllText(temp[".set.importing/.lock"], "");
        File.WriteAllText(temp[".set.importing/shard-00007.h5"], "half a shard");
        Samples.Write(temp["set"], 20, 10, 4);
        Assert.That(Directory.EnumerateFiles(temp["set"]).Select(Path.GetFileName).Order(),
            Is.EqualTo(new[] { "manifest.json", "shard-00000.h5", "shard-00001.h5" }));
        Assert.That(Directory.EnumerateFileSystemEntries(temp.Path), Has.Exactly(1).Items);
    }

    [Test]
    public void Two_imports_into_one_folder_do_not_mix()
    {
        using var first = DatasetWriter.Create(temp["set"], Samples.Fields);
        Assert.That(() => DatasetWriter.Create(temp["set"], Samples.Fields),
            Throws.TypeOf<DatasetException>().With.Message.Contains("Another import").And.Property("Fault").EqualTo(DatasetFault.InputOutput));
        Samples.Append(first, 0, 5);
        Assert.That(first.Commit().Samples, Is.EqualTo(5));
    }

    [Test]
    public void A_dataset_gives_way_only_when_told_and_other_folders_never()
    {
        Samples.Write(temp["set"], 20, 10, 4);
        Assert.That(() => Samples.Write(temp["set"], 30, 10, 4), Throws.TypeOf<DatasetException>().With.Message.Contains("--overwrite"));
        using (var writer = DatasetWriter.Create(temp["set"], Samples.Fields, new WriterOptions { Replace = true }))
        {
            Samples.Append(writer, 0, 7);
            writer.Commit();
        }
        using (var replaced = ShardedDataset.Open(temp["set"]))
            Assert.That(replaced.Count, Is.EqualTo(7));
        Assert.That(Directory.EnumerateFileSystemEntries(temp.Path), Has.Exactly(1).Items);

        Directory.CreateDirectory(temp["home"]);
        File.WriteAllText(temp["home/thesis.tex"], "years of work");
        Assert.That(() => DatasetWriter.Create(temp["home"], Samples.Fields, new WriterOptions { Replace = true }),
            Throws.TypeOf<DatasetException>().With.Message.Contains("holds no dataset"));
        Assert.That(File.Exists(temp["home/thesis.tex"]));
        Assert.That(() => DatasetWriter.Create(temp["home/thesis.tex"], Samples.Fields), Throws.TypeOf<DatasetException>().With.Message.Contains("is a file"));
        Directory.CreateDirectory(temp["empty"]);
        Assert.That(Samples.Write(temp["empty"], 5, 10, 4).Samples, Is.EqualTo(5));
    }

    private static IEnumerable<TestCaseData> BadFields =>
    [
        new(Array.Empty<FieldSchema>(), "at least one field"),
        new(new FieldSchema[] { new("a/b", ElementType.U8, []) }, "'a/b' is no field name"),
        new(new FieldSchema[] { new("..", ElementType.U8, []) }, "'..' is no field name"),
        new(new FieldSchema[] { new("a", ElementType.U8, [3, 0]) }, "every extent must be 1 or more"),
        new(new FieldSchema[] { new("a", ElementType.U8, []), new("a", ElementType.U8, []) }, "is there twice"),
        new(new FieldSchema[] { new("a", ElementType.F64, [1 << 30, 1 << 30]) }, "larger than 2 GiB"),
    ];

    [TestCaseSource(nameof(BadFields))]
    public void Fields_that_no_shard_can_hold_are_refused(FieldSchema[] fields, string part) =>
        Assert.That(() => DatasetWriter.Create(temp["set"], fields), Throws.TypeOf<DatasetException>().With.Message.Contains(part));

    [Test]
    public void Options_and_buffers_that_make_no_sense_are_refused()
    {
        Assert.That(() => DatasetWriter.Create(temp["set"], Samples.Fields, new WriterOptions { Deflate = 10 }), Throws.TypeOf<DatasetException>().With.Message.Contains("0 (none) to 9"));
        Assert.That(() => DatasetWriter.Create(temp["set"], Samples.Fields, new WriterOptions { ChunkSamples = -1 }), Throws.TypeOf<DatasetException>());
        using var writer = DatasetWriter.Create(temp["set"], Samples.Fields);
        Assert.That(() => writer.Append(2, new byte[16]), Throws.ArgumentException);
        Assert.That(() => writer.Append(2, new byte[16], new byte[23]), Throws.ArgumentException);
        Assert.That(() => writer.Commit(), Throws.TypeOf<DatasetException>().With.Message.Contains("no samples"));
    }
}
