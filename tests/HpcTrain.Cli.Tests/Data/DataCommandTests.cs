using System.Text.Json;
using HDF.PInvoke;
using HpcTrain.CommandLine;

namespace HpcTrain.Cli.Tests.Data;

internal sealed class DataCommandTests
{
    [Test]
    public void Import_inspect_and_verify()
    {
        using var files = new IdxFiles();
        var import = ProgramRun.Start(files.Import("--shard-samples", "40", "--deflate", "0"));
        Assert.That(import.ExitCode, Is.Zero, import.Errors);
        Assert.That(import.Output, Does.Contain("100 samples in 3 shards").And.Contain("image u8 [1,4,4], label u8 []"));

        var inspect = ProgramRun.Start(["data", "inspect", files.Out]);
        Assert.That(inspect.ExitCode, Is.Zero, inspect.Errors);
        Assert.That(inspect.Output, Does.Contain("image u8 [1,4,4]").And.Contain("3, 20 to 40 samples").And.Contain("images, labels").And.Contain("sample 1"));

        var verify = ProgramRun.Start(["data", "verify", files.Out]);
        Assert.That(verify.ExitCode, Is.Zero, verify.Errors);
        Assert.That(verify.Output, Does.Contain("whole, 100 samples in 3 shards"));
    }

    [Test]
    public void Json_for_programs()
    {
        using var files = new IdxFiles();
        Assert.That(ProgramRun.Start(files.Import()).ExitCode, Is.Zero);
        using var inspect = JsonDocument.Parse(ProgramRun.Start(["data", "inspect", files.Out, "--json"]).Output);
        Assert.That(inspect.RootElement.GetProperty("samples").GetInt64(), Is.EqualTo(100));
        Assert.That(inspect.RootElement.GetProperty("fields")[0].GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64()), Is.EqualTo(new long[] { 1, 4, 4 }));
        Assert.That(inspect.RootElement.GetProperty("decodedBytes").GetInt64(), Is.EqualTo(1700));

        File.Delete(Path.Combine(files.Out, "shard-00000.h5"));
        var run = ProgramRun.Start(["data", "verify", files.Out, "--json"]);
        Assert.That(run.ExitCode, Is.EqualTo(3));
        using var verify = JsonDocument.Parse(run.Output);
        Assert.That(verify.RootElement.GetProperty("whole").GetBoolean(), Is.False);
        Assert.That(verify.RootElement.GetProperty("problems")[0].GetString(), Does.Contain("shard-00000.h5 is missing"));
    }

    [Test]
    public void If_missing_keeps_and_overwrite_replaces()
    {
        using var files = new IdxFiles();
        Assert.That(ProgramRun.Start(files.Import("--if-missing")).Output, Does.Contain("100 samples in 1 shards"));
        Assert.That(ProgramRun.Start(files.Import("--if-missing")).Output, Does.Contain("already there"));
        var again = ProgramRun.Start(files.Import());
        Assert.That(again.ExitCode, Is.EqualTo(5));
        Assert.That(again.Errors, Does.Contain("--overwrite").And.Contain("--if-missing"));
        Assert.That(ProgramRun.Start(files.Import("--overwrite", "--shape", "16")).Output, Does.Contain("image u8 [16]"));
        Assert.That(ProgramRun.Start(files.Import("--overwrite", "--if-missing")).ExitCode, Is.EqualTo(2));
        Assert.That(files.Written, Is.EqualTo(new[] { "set" }));
    }

    [Test]
    public void Csv_and_npy()
    {
        using var files = new IdxFiles();
        File.WriteAllText(files["iris.csv"], "sepal;petal;species\n5.1;0.2;setosa\n6.0;1.5;versicolor\n");
        var csv = ProgramRun.Start(["data", "import", "csv", "--in", files["iris.csv"], "--delimiter", ";", "--label", "species",
            "--label-type", "u8", "--classes", "setosa,versicolor", "--out", files.Out]);
        Assert.That(csv.Output, Does.Contain("features f32 [2], label u8 []"), csv.Errors);
        Assert.That(ProgramRun.Start(["data", "inspect", files.Out]).Output, Does.Contain("sample 1     features 6 1.5").And.Contain("label 1"));

        var header = "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }".PadRight(117) + "\n";
        File.WriteAllBytes(files["a.npy"], [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. header.Select(c => (byte)c), .. new byte[24]]);
        var npy = ProgramRun.Start(["data", "import", "npy", "--fields", $"a={files["a.npy"]},b={files["a.npy"]}", "--out", files["npy"]]);
        Assert.That(npy.Output, Does.Contain("2 samples in 1 shards").And.Contain("a i32 [3], b i32 [3]"), npy.Errors);
    }

    [Test]
    public void Text_in_parts_with_one_vocabulary()
    {
        using var files = new IdxFiles();
        File.WriteAllText(files["book.txt"], string.Concat(Enumerable.Repeat("To be, or not to be.\r\n", 10)) + "Zounds! ");
        string[] import = ["data", "import", "text", "--in", files["book.txt"], "--context", "8"];
        var training = ProgramRun.Start([.. import, "--to", "75", "--out", files.Out]);
        Assert.That(training.Output, Does.Contain("20 samples in 1 shards").And.Contain("input u8 [8], target u8 [8]"), training.Errors);
        string[] rest = [.. import, "--from", "75", "--vocabulary", files.Out, "--out", files["rest"], "--if-missing"];
        Assert.That(ProgramRun.Start(rest).ExitCode, Is.Zero);
        Assert.That(ProgramRun.Start(rest).Output, Does.Contain("already there"));
        Assert.That(Vocabulary(files["rest"]), Is.EqualTo(Vocabulary(files.Out)).And.EqualTo("\uFFFD otbe,Tnr\n."));

        Assert.That(ProgramRun.Start(["data", "inspect", files.Out]).Output, Does.Contain("12 ids, 1 of them for unknown characters"));

        var none = ProgramRun.Start([.. files.Import()[..^1], files["images-set"]]);
        Assert.That(none.ExitCode, Is.Zero, none.Errors);
        var wrong = ProgramRun.Start([.. import, "--vocabulary", files["images-set"], "--out", files["wrong"]]);
        Assert.That((wrong.ExitCode, wrong.Errors), Is.EqualTo(
            (3, $"hpctrain: The dataset at {files["images-set"]} has no vocabulary; name one that 'hpctrain data import text' made.\n")));
    }

    private static string Vocabulary(string folder)
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")));
        return string.Concat(manifest.RootElement.GetProperty("vocabulary").EnumerateArray().Select(character => character.GetString()));
    }

    private static IEnumerable<TestCaseData> Misuses =>
    [
        new(new[] { "data" }, "import, inspect, verify"),
        new(new[] { "data", "improt" }, "did you mean 'import'"),
        new(new[] { "data", "import", "hdf" }, "idx, csv, npy, text"),
        new(new[] { "data", "import", "idx", "--images", "x", "--labels", "y" }, "--out is missing"),
        new(new[] { "data", "import", "idx", "--lables", "y" }, "did you mean --labels?"),
        new(new[] { "data", "import", "idx", "--images", "x", "--labels", "y", "--out", "z", "--deflate", "12" }, "--deflate must be 0 to 9"),
        new(new[] { "data", "import", "idx", "--images", "x", "--labels", "y", "--out", "z", "--chunk", "-1" }, "--chunk"),
        new(new[] { "data", "import", "idx", "--images", "x", "--labels", "y", "--out", "z", "--shape", "1x28" }, "--shape"),
        new(new[] { "data", "import", "csv", "--in", "x", "--out", "z", "--feature-type", "f31" }, "the types are f32, f64"),
        new(new[] { "data", "import", "csv", "--in", "x", "--out", "z", "--delimiter", "ab" }, "--delimiter"),
        new(new[] { "data", "import", "csv", "--in", "x", "--out", "z", "--classes", "a,b" }, "--classes needs --label"),
        new(new[] { "data", "import", "npy", "--fields", "a", "--out", "z" }, "image=images.npy"),
        new(new[] { "data", "import", "text", "--in", "x", "--out", "z", "--context", "0" }, "--context must be 1 or more"),
        new(new[] { "data", "import", "text", "--in", "x", "--out", "z", "--stride", "0" }, "--stride must be 1 or more"),
        new(new[] { "data", "import", "text", "--in", "x", "--out", "z", "--from", "90", "--to", "10" }, "--from and --to"),
        new(new[] { "data", "import", "text", "--in", "x", "--out", "z", "--newlines", "dos" }, "--newlines"),
        new(new[] { "data", "import", "text", "--in", "x", "--out", "z", "--vocabulary-size", "1" }, "--vocabulary-size must be 2 to 65536"),
        new(new[] { "data", "import", "text", "--in", "x", "--out", "z", "--vocabulary-size", "9", "--vocabulary", "y" }, "give one of them"),
        new(new[] { "data", "verify" }, "FOLDER is missing"),
        new(new[] { "data", "verify", "x", "--jsno" }, "did you mean --json?"),
        new(new[] { "data", "inspect", "x", "y" }, "'y'"),
    ];

    [TestCaseSource(nameof(Misuses))]
    public void Misuse_is_a_sentence_that_says_what_would_be_right(string[] arguments, string part)
    {
        var misuse = Assert.Catch<UsageException>(() => CommandFamilies.Table.Run(arguments))!;
        Assert.That(misuse.Message, Does.Contain(part).And.Not.Contain("\n"));
    }

    [TestCase("data")]
    [TestCase("data import")]
    [TestCase("data import idx")]
    [TestCase("data import csv")]
    [TestCase("data import npy")]
    [TestCase("data import text")]
    [TestCase("data inspect")]
    [TestCase("data verify")]
    public void Help_has_an_example(string command)
    {
        var run = ProgramRun.Start([.. command.Split(' '), "--help"]);
        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(run.Output, Does.Contain($"Usage: hpctrain {command}").And.Contain("Example").And.Contain($"  hpctrain {command}"));
    }

    [Test]
    public void Bad_data_ends_with_3_and_a_sentence()
    {
        using var files = new IdxFiles();
        var none = ProgramRun.Start(["data", "verify", files["nowhere"]]);
        Assert.That((none.ExitCode, none.Errors), Is.EqualTo((3, $"hpctrain: There is no dataset at {files["nowhere"]}; check the path, or make it with 'hpctrain data import'.\n")));
        File.WriteAllBytes(files.Labels, []);
        var empty = ProgramRun.Start(files.Import());
        Assert.That((empty.ExitCode, empty.Errors), Is.EqualTo((3, $"hpctrain: {files.Labels} is empty; check the download or the path.\n")));
    }

    [Test]
    public void A_missing_or_old_HDF5_library_ends_with_4_and_what_to_do()
    {
        if (typeof(H5).Assembly.GetType("HDF.PInvoke.NativeLibraryResolver") is null)
            Assert.Ignore("the package HDF.PInvoke.1.10 finds libhdf5 by itself");
        using var files = new IdxFiles();
        var missing = ProgramRun.Start(files.Import(), new() { ["HPCTRAIN_HDF5_LIB"] = "/nowhere/libhdf5.so" });
        Assert.That(missing.ExitCode, Is.EqualTo(4));
        Assert.That(missing.Errors, Does.Contain("/nowhere/libhdf5.so, which HPCTRAIN_HDF5_LIB names, cannot be loaded"));

        File.WriteAllText(files["old.c"], "int H5get_libversion(unsigned *a, unsigned *b, unsigned *c) { *a = 1; *b = 8; *c = 23; return 0; }");
        if (!File.Exists("/usr/bin/cc"))
            Assert.Ignore("no C compiler to build an old library with");
        Assert.That(ProgramRun.Start("/usr/bin/cc", ["-shared", "-fPIC", "-o", files["libold.so"], files["old.c"]]).ExitCode, Is.Zero);
        var old = ProgramRun.Start(files.Import(), new() { ["HPCTRAIN_HDF5_LIB"] = files["libold.so"] });
        Assert.That(old.ExitCode, Is.EqualTo(4));
        Assert.That(old.Errors, Does.Contain("is version 1.8.23, but 1.10 or later is needed"));
        Assert.That(files.Written.Where(name => name!.Contains("set")), Is.Empty);
    }
}
