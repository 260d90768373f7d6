using System.Security.Cryptography;
using System.Text.Json.Nodes;
using HpcTrain.Kernels;

namespace HpcTrain.Data.Tests;

/// <summary>What is wrong with a dataset is said in one sentence that names the file and what to do.</summary>
[TestFixture]
internal sealed class BadDatasetTests
{
    private TempFolder temp = null!;
    private string folder = null!;

    [SetUp]
    public void Create()
    {
        temp = new TempFolder();
        folder = temp["set"];
        Samples.Write(folder, 100, 40, 8, deflate: 1);
    }

    [TearDown]
    public void Remove() => temp.Dispose();

    private string Shard(int index) => Path.Combine(folder, $"shard-{index:D5}.h5");

    private static void Flip(string path, int place)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[place] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }

    private static Action OpenWith(string path, DatasetCheck check) => () =>
    {
        using var dataset = ShardedDataset.Open(path, new DatasetOptions { Check = check });
    };

    private static DatasetException Failure(Action open)
    {
        var failure = Assert.Catch<DatasetException>(() => open())!;
        Assert.That(failure.Message, Does.EndWith("."));
        Assert.That(failure.Message, Does.Not.Contain("\n"));
        return failure;
    }

    private void EditManifest(Action<JsonNode> edit)
    {
        var path = Path.Combine(folder, Manifest.FileName);
        var json = JsonNode.Parse(File.ReadAllText(path))!;
        edit(json);
        File.WriteAllText(path, json.ToString());
    }

    // Makes the manifest agree with the files as they are, so that only what is inside them can be wrong.
    private void SignAgain(IReadOnlyList<FieldSchema> fields, long[] counts)
    {
        var shards = counts.Select((count, i) => new ShardEntry(
            Path.GetFileName(Shard(i)), count, new FileInfo(Shard(i)).Length, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Shard(i)))))).ToArray();
        File.WriteAllBytes(Path.Combine(folder, Manifest.FileName), Manifest.Create(fields, shards, null).ToJson());
    }

    [Test]
    public void No_dataset_at_the_path()
    {
        Assert.That(Failure(OpenWith(temp["nothing"], DatasetCheck.Sizes)).Message, Does.Contain(temp["nothing"]).And.Contain("hpctrain data import"));
        Directory.CreateDirectory(temp["empty"]);
        Assert.That(Failure(OpenWith(temp["empty"], DatasetCheck.Sizes)).Message, Does.Contain("holds no dataset"));
    }

    [Test]
    public void A_shard_cut_short()
    {
        using (var stream = File.OpenWrite(Shard(1)))
            stream.SetLength(stream.Length - 1);
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Sizes)).Message, Does.Contain(Shard(1)).And.Contain("cut short"));
    }

    [Test]
    public void A_missing_shard()
    {
        File.Delete(Shard(2));
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Sizes)).Message, Does.Contain(Shard(2)).And.Contain("is missing"));
    }

    [Test]
    public void A_flipped_byte_anywhere_is_found_by_the_checksum()
    {
        var length = (int)new FileInfo(Shard(0)).Length;
        foreach (var place in new[] { 0, 9, length / 2, length - 1 })
        {
            Flip(Shard(0), place);
            Assert.That(Failure(OpenWith(folder, DatasetCheck.Checksums)).Message, Does.Contain(Shard(0)).And.Contain("SHA-256"), $"byte {place}");
            Assert.That(DatasetVerifier.Run(folder).Problems, Has.Count.EqualTo(1).And.All.Contain(Shard(0)));
            Flip(Shard(0), place);
        }
        Assert.That(DatasetVerifier.Run(folder).IsWhole);
    }

    [Test]
    public void Verification_goes_on_after_a_bad_shard()
    {
        Flip(Shard(0), 100);
        File.Delete(Shard(2));
        var result = DatasetVerifier.Run(folder);
        Assert.That(result.Problems, Has.Count.EqualTo(2));
        Assert.That(result.Problems[0], Does.Contain(Shard(0)));
        Assert.That(result.Problems[1], Does.Contain(Shard(2)));
    }

    [Test]
    public void A_changed_manifest()
    {
        EditManifest(json => json["shards"]![0]!["samples"] = 41);
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Sizes)).Message, Does.Contain("manifest.json").And.Contain("damaged"));
    }

    [Test]
    public void A_manifest_that_is_no_JSON_or_lacks_a_part()
    {
        File.WriteAllText(Path.Combine(folder, Manifest.FileName), "{ \"format\": ");
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Sizes)).Message, Does.Contain("cannot be understood"));
        File.WriteAllText(Path.Combine(folder, Manifest.FileName), "{}");
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Sizes)).Message, Does.Contain("cannot be understood"));
        File.WriteAllText(Path.Combine(folder, Manifest.FileName), "null");
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Sizes)).Message, Does.Contain("cannot be understood"));
    }

    [Test]
    public void A_manifest_of_the_future()
    {
        EditManifest(json => json["version"] = 2);
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Sizes)).Message, Does.Contain("version 2").And.Contain("reads version 1"));
    }

    [Test]
    public void A_manifest_that_points_outside_its_folder()
    {
        var entry = new ShardEntry("../set/shard-00000.h5", 40, 1, "00");
        File.WriteAllBytes(Path.Combine(folder, Manifest.FileName), Manifest.Create(Manifest.Load(folder).Fields, [entry], null).ToJson());
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Sizes)).Message, Does.Contain("damaged"));
    }

    [Test]
    public void Shards_of_another_type_or_shape_than_the_manifest_says()
    {
        var fields = Manifest.Load(folder).Fields;
        SignAgain([fields[0] with { Type = ElementType.U64 }, fields[1]], [40, 40, 20]);
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Schema)).Message, Does.Contain(Shard(0)).And.Contain("'id'").And.Contain("i64").And.Contain("u64"));
        SignAgain([fields[0], fields[1] with { Shape = [4, 3] }], [40, 40, 20]);
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Schema)).Message, Does.Contain("[40,3,4]").And.Contain("[40,4,3]"));
        SignAgain([fields[0], fields[1] with { Name = "voxels" }], [40, 40, 20]);
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Schema)).Message, Does.Contain("no field 'voxels'"));
        SignAgain([fields[0], fields[1] with { ChunkSamples = 7 }], [40, 40, 20]);
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Schema)).Message, Does.Contain("chunks of 7"));
        SignAgain(fields, [40, 39, 20]);
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Schema)).Message, Does.Contain(Shard(1)).And.Contain("holds 40 samples").And.Contain("says 39"));
    }

    [Test]
    public void A_shard_that_differs_shows_at_its_first_use_at_the_latest()
    {
        var fields = Manifest.Load(folder).Fields;
        SignAgain([fields[0] with { Type = ElementType.U64 }, fields[1]], [40, 40, 20]);
        using var dataset = ShardedDataset.Open(folder);
        Assert.That(() => dataset.Read<ulong>("id", 0, 1), Throws.TypeOf<DatasetException>().With.Message.Contains("another type"));
    }

    [Test]
    public void A_file_that_is_no_HDF5()
    {
        File.WriteAllText(Shard(0), "not at all");
        SignAgain(Manifest.Load(folder).Fields, [40, 40, 20]);
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Schema)).Message, Does.Contain(Shard(0)).And.Contain("HDF5: "));
    }

    [Test]
    public void An_HDF5_file_that_is_no_shard()
    {
        using (var shard = new Hdf5.ShardWriter(Shard(0), Manifest.Load(folder).Fields, 40, new WriterOptions()))
        {
        }
        SignAgain(Manifest.Load(folder).Fields, [40, 40, 20]);
        Assert.That(Failure(OpenWith(folder, DatasetCheck.Schema)).Message, Does.Contain("no shard of a dataset"));
    }

    [Test]
    public void Reading_what_is_not_there()
    {
        using var dataset = ShardedDataset.Open(folder);
        Assert.That(() => dataset.Read<long>("ids", 0, 1), Throws.TypeOf<DatasetException>().With.Message.Contains("its fields are id, pixels"));
        Assert.That(() => dataset.Read<int>("id", 0, 1), Throws.TypeOf<DatasetException>().With.Message.Contains("holds i64, not i32"));
        Assert.That(() => dataset.Read<long>("id", 99, 2), Throws.TypeOf<ArgumentOutOfRangeException>());
        dataset.Dispose();
        Assert.That(() => dataset.Read<long>("id", 0, 1), Throws.TypeOf<ObjectDisposedException>());
    }
}
