using System.Text;
using HpcTrain.Training.Checkpoints;

namespace HpcTrain.Training.Tests.Checkpoints;

public sealed class SafeTensorsTests
{
    private string _path = "";

    [SetUp]
    public void MakePath() => _path = Path.Combine(Directory.CreateTempSubdirectory("hpctrain-st-").FullName, "model.safetensors");

    [TearDown]
    public void Remove() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Test]
    public void What_is_written_reads_back()
    {
        var weights = Enumerable.Range(0, 24).Select(i => (byte)(i * 7)).ToArray();
        Write(new StoredTensor("a.weight", "F32", [2, 3], () => weights), new StoredTensor("empty", "I64", [0], () => []), new StoredTensor("flag", "BOOL", [], () => new byte[] { 1 }));

        using var file = SafeTensors.Open(_path);
        var read = new byte[24];
        file.Read("a.weight", "F32", [2, 3], read);
        Assert.That(read, Is.EqualTo(weights));
        Assert.That(file.Entries.Keys, Is.EquivalentTo(new[] { "a.weight", "empty", "flag" }));
    }

    [Test]
    public void The_layout_is_the_published_one()
    {
        Write(new StoredTensor("x", "U8", [3], () => new byte[] { 7, 8, 9 }));

        var bytes = File.ReadAllBytes(_path);
        var headerLength = (int)BitConverter.ToUInt64(bytes, 0);
        Assert.That(headerLength % 8, Is.Zero);
        Assert.That(Encoding.UTF8.GetString(bytes, 8, headerLength).TrimEnd(), Is.EqualTo("""{"x":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}"""));
        Assert.That(bytes[(8 + headerLength)..], Is.EqualTo(new byte[] { 7, 8, 9 }));
    }

    [Test]
    public void Another_models_tensor_is_refused_by_name_and_shape()
    {
        Write(new StoredTensor("a", "F32", [2], () => new byte[8]));
        using var file = SafeTensors.Open(_path);

        Assert.That(() => file.Read("b", "F32", [2], new byte[8]), Throws.TypeOf<CheckpointException>().With.Message.Contains("no tensor b"));
        Assert.That(() => file.Read("a", "F32", [1, 2], new byte[8]), Throws.TypeOf<CheckpointException>().With.Message.Contains("[2]").And.Message.Contains("[1, 2]"));
    }

    [Test]
    public void Every_truncation_is_noticed()
    {
        Write(new StoredTensor("a", "F32", [4], () => new byte[16]));
        var whole = File.ReadAllBytes(_path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_path, whole[..length]);
            Assert.That(() => SafeTensors.Open(_path), Throws.TypeOf<CheckpointException>(), $"cut to {length} bytes");
        }
    }

    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,-8]}}""")]
    [TestCase("""{"a":{"shape":[2],"data_offsets":[0,8]}}""")]
    [TestCase("""{"a":3}""")]
    [TestCase("""not json""")]
    public void A_header_that_makes_no_sense_is_refused(string header)
    {
        File.WriteAllBytes(_path, [.. BitConverter.GetBytes((ulong)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[8]]);
        Assert.That(() => SafeTensors.Open(_path), Throws.TypeOf<CheckpointException>().With.Message.Contains(_path));
    }

    private void Write(params StoredTensor[] tensors)
    {
        using var stream = File.Create(_path);
        SafeTensors.Write(stream, tensors);
    }
}
