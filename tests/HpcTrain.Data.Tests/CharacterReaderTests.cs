using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using HpcTrain.Kernels;

namespace HpcTrain.Data.Tests;

[TestFixture]
internal sealed class CharacterReaderTests
{
    private TempFolder temp = null!;

    [SetUp]
    public void Create() => temp = new TempFolder();

    [TearDown]
    public void Remove() => temp.Dispose();

    private string File(byte[] contents, string name = "text")
    {
        System.IO.File.WriteAllBytes(temp[name], contents);
        return temp[name];
    }

    private string File(string text) => File(Encoding.UTF8.GetBytes(text));

    private ImportResult Import(string path, CharacterOptions options, string folder = "set", ImportOptions? import = null)
    {
        using var reader = new CharacterReader(path, options);
        return DatasetImport.Run(reader, temp[folder], import);
    }

    /// <summary>Inputs and targets of a dataset, as texts.</summary>
    private (string Input, string Target)[] Samples(string folder = "set")
    {
        using var data = ShardedDataset.Open(temp[folder]);
        var vocabulary = new Vocabulary(data.Manifest.Vocabulary!);
        string Text(string field, int sample) => vocabulary.Decode(
            data.Fields[0].Type == ElementType.U8
                ? data.Read<byte>(field, sample, 1).Select(id => (long)id)
                : data.Read<ushort>(field, sample, 1).Select(id => (long)id));
        return [.. Enumerable.Range(0, (int)data.Count).Select(sample => (Text("input", sample), Text("target", sample)))];
    }

    [Test]
    public void Each_character_is_the_target_of_one_sample()
    {
        var manifest = Import(File("abcdefghijk"), new CharacterOptions { Context = 3 }).Manifest;
        Assert.That(manifest.Fields.Select(field => field.ToString()), Is.EqualTo(new[] { "input u8 [3]", "target u8 [3]" }));
        Assert.That(Samples(), Is.EqualTo(new[] { ("abc", "bcd"), ("def", "efg"), ("ghi", "hij") }));
    }

    [Test]
    public void Samples_start_a_stride_apart_for_every_length_of_text([Range(4, 12)] int length, [Range(1, 5)] int stride)
    {
        var text = "abcdefghijkl"[..length];
        Import(File(text), new CharacterOptions { Context = 3, Stride = stride });
        var starts = Enumerable.Range(0, length).Where(start => start % stride == 0 && start + 4 <= length);
        Assert.That(Samples(), Is.EqualTo(starts.Select(start => (text.Substring(start, 3), text.Substring(start + 1, 3)))));
    }

    [Test]
    public void Parts_that_meet_share_no_character_and_leave_none_out([Range(5, 95, 15)] int percent)
    {
        var text = string.Concat(Enumerable.Range(0, 199).Select(i => (char)(0x4e00 + i)));
        var whole = new CharacterOptions { Context = 1, VocabularySize = 1000 };
        var vocabulary = new Vocabulary(Import(File(text), whole).Manifest.Vocabulary!);
        Import(File(text), whole with { ToPercent = percent, Vocabulary = vocabulary }, "before");
        Import(File(text), whole with { FromPercent = percent, Vocabulary = vocabulary }, "after");
        string All(string folder) => Samples(folder)[0].Input + string.Concat(Samples(folder).Select(sample => sample.Target));
        Assert.That(All("before") + All("after"), Is.EqualTo(text));
    }

    [Test]
    public void Frequent_characters_have_ids_and_the_rest_is_unknown()
    {
        var manifest = Import(File("bbbaaaccd€\U0001F433\U0001F433"), new CharacterOptions { Context = 11, VocabularySize = 5 }).Manifest;
        // Among equals the smaller code point comes first.
        Assert.That(manifest.Vocabulary, Is.EqualTo(new[] { "\uFFFD", "a", "b", "c", "\U0001F433" }));
        Assert.That(Samples(), Is.EqualTo(new[] { ("bbbaaaccd€\U0001F433".Replace("d€", "\uFFFD\uFFFD"), "bbaaaccd€\U0001F433\U0001F433".Replace("d€", "\uFFFD\uFFFD")) }));
    }

    [Test]
    public void More_than_256_ids_take_two_bytes()
    {
        var text = string.Concat(Enumerable.Range(0, 400).Select(i => (char)(0x4e00 + i)));
        Assert.That(Import(File(text), new CharacterOptions { Context = 399, VocabularySize = 1000 }).Manifest.Fields[0].Type, Is.EqualTo(ElementType.U16));
        Assert.That(Samples()[0], Is.EqualTo((text[..399], text[1..])));
    }

    [TestCase(NewlineRule.Lf, "a\nb\nc\n\nd\n\n\ne\n")]
    [TestCase(NewlineRule.Unwrap, "a b c\n\nd\n\ne ")]
    [TestCase(NewlineRule.Keep, "a\r\nb\rc\n\r\nd\n\n\ne\n")]
    public void Line_ends_follow_the_rule(NewlineRule rule, string expected)
    {
        Import(File("a\r\nb\rc\n\r\nd\n\n\ne\n"), new CharacterOptions { Context = expected.Length - 1, Newlines = rule });
        Assert.That(Samples(), Is.EqualTo(new[] { (expected[..^1], expected[1..]) }));
    }

    [Test]
    public void Characters_that_blocks_of_the_file_cut_stay_whole([Values(0, 1, 2, 3)] int shift, [Values] bool gzip)
    {
        // A block of the file is 64 KiB; every character here has 4 bytes.
        var text = new string('x', shift) + string.Concat(Enumerable.Repeat("\U0001F433\U0001F40B", 9000));
        var bytes = new byte[] { 0xef, 0xbb, 0xbf }.Concat(Encoding.UTF8.GetBytes(text)).ToArray();
        if (gzip)
        {
            using var packed = new MemoryStream();
            using (var stream = new GZipStream(packed, CompressionLevel.Fastest))
                stream.Write(bytes);
            bytes = packed.ToArray();
        }
        Import(File(bytes), new CharacterOptions { Context = shift + 17_999 });
        Assert.That(Samples()[0].Input, Is.EqualTo(text[..^2]));
    }

    [Test]
    public void The_same_import_is_kept_and_another_refused()
    {
        var keep = new ImportOptions { Existing = ExistingDataset.KeepIdentical };
        var options = new CharacterOptions { Context = 3 };
        var first = Import(File("abcdefgh"), options, import: keep);
        Assert.That((first.Imported, Import(File("abcdefgh"), options, import: keep).Imported), Is.EqualTo((true, false)));
        foreach (var (other, part) in new[]
        {
            (options with { Context = 4 }, "its context is 3, not 4"), (options with { Stride = 1 }, "its stride is 3, not 1"),
            (options with { Newlines = NewlineRule.Keep }, "its newlines is lf, not keep"), (options with { ToPercent = 90 }, "its to is 100, not 90"),
            (options with { Vocabulary = new Vocabulary(["\uFFFD", "a"]) }, "its vocabulary-size is 256, not as given"),
        })
            Assert.That(() => Import(File("abcdefgh"), other, import: keep), Throws.TypeOf<DatasetException>().With.Message.Contain(part));
        Import(File("abcdefgh"), options with { Vocabulary = new Vocabulary(["\uFFFD", "a"]) }, "other", keep);
        Assert.That(
            () => Import(File("abcdefgh"), options with { Vocabulary = new Vocabulary(["\uFFFD", "b"]) }, "other", keep),
            Throws.TypeOf<DatasetException>().With.Message.Contain("it has another vocabulary"));
    }

    [Test]
    public void A_changed_vocabulary_in_the_manifest_is_noticed()
    {
        var fingerprint = Import(File("abcdabcd"), new CharacterOptions { Context = 3 }).Manifest.Fingerprint;
        Assert.That(Import(File("abceabce"), new CharacterOptions { Context = 3 }, "other").Manifest.Fingerprint, Is.Not.EqualTo(fingerprint), "equal ids of other characters");
        var path = Path.Combine(temp["set"], Manifest.FileName);
        var json = JsonNode.Parse(System.IO.File.ReadAllText(path))!;
        json["vocabulary"]![1] = "z";
        System.IO.File.WriteAllText(path, json.ToJsonString());
        Assert.That(() => Manifest.Load(temp["set"]), Throws.TypeOf<DatasetException>().With.Message.Contain("damaged"));
    }

    [Test]
    public void Bad_input_is_one_sentence()
    {
        void Fails(byte[] contents, CharacterOptions options, params string[] parts)
        {
            var failure = Assert.Catch<DatasetException>(() => Import(File(contents), options))!;
            foreach (var part in parts)
                Assert.That(failure.Message, Does.Contain(part).And.Not.Contain("\n"));
            Assert.That(Directory.Exists(temp["set"]), Is.False);
        }
        var plain = new CharacterOptions { Context = 3 };
        var invalid = Encoding.UTF8.GetBytes(new string('a', 70_000)).Concat(new byte[] { 0xe9, (byte)'a' }).ToArray();
        Fails([], plain, "is empty");
        Fails(invalid, plain, "is no UTF-8 text at byte 70000", "iconv");
        Fails([(byte)'a', 0xe2, 0x82], plain, "is no UTF-8 text at byte 1");
        Fails("abc"u8.ToArray(), plain, "has 3 characters from 0 % to 100 %", "context 3 needs 4");
        Fails("abcdefgh"u8.ToArray(), plain with { FromPercent = 90.5 }, "has 1 characters from 90.5 % to 100 %");
        Fails("abcdefgh"u8.ToArray(), plain with { Context = 0 }, "context of 0");
        Fails("abcdefgh"u8.ToArray(), plain with { Stride = -1 }, "stride of -1");
        Fails("abcdefgh"u8.ToArray(), plain with { VocabularySize = 1 }, "vocabulary of 1");
        Fails("abcdefgh"u8.ToArray(), plain with { FromPercent = 60, ToPercent = 40 }, "from 60 % to 40 %");
        Assert.That(() => new CharacterReader(temp["nowhere"], plain), Throws.TypeOf<DatasetException>().With.Message.Contain("does not exist"));
        Assert.That(() => new Vocabulary(["a", "b"]), Throws.TypeOf<DatasetException>().With.Message.Contain("U+FFFD"));
        Assert.That(() => new Vocabulary(["\uFFFD", "ab"]), Throws.TypeOf<DatasetException>().With.Message.Contain("id 1"));
        Assert.That(() => new Vocabulary(["\uFFFD", "a", "a"]), Throws.TypeOf<DatasetException>().With.Message.Contain("id 2"));
    }
}
