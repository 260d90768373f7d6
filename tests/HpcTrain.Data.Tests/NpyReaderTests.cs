using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace HpcTrain.Data.Tests;

[TestFixture]
internal sealed class NpyReaderTests
{
    private TempFolder temp = null!;

    [SetUp]
    public void Create() => temp = new TempFolder();

    [TearDown]
    public void Remove() => temp.Dispose();

    private static byte[] Npy(string header, byte[] data, byte version = 1)
    {
        var text = Encoding.UTF8.GetBytes(header.PadRight(117) + "\n");
        var length = new byte[version == 1 ? 2 : 4];
        if (version == 1)
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)text.Length);
        else
            BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. data];
    }

    private static string Header(string descr, string shape, bool fortran = false) =>
        string.Create(CultureInfo.InvariantCulture, $"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}");

    private ShardedDataset Import(params (string Field, string Path)[] inputs)
    {
        using (var reader = new NpyReader(inputs))
            _ = DatasetImport.Run(reader, temp["set"], new ImportOptions { Existing = ExistingDataset.Replace });
        return ShardedDataset.Open(temp["set"]);
    }

    private ShardedDataset Import(byte[] contents)
    {
        File.WriteAllBytes(temp["a.npy"], contents);
        return Import(("a", temp["a.npy"]));
    }

    private void Fails(byte[] contents, params string[] parts)
    {
        var failure = Assert.Catch<DatasetException>(() => Import(contents).Dispose())!;
        foreach (var part in parts.Append(temp["a.npy"]))
            Assert.That(failure.Message, Does.Contain(part));
    }

    [Test]
    public void Header_versions_one_to_three([Values(1, 2, 3)] int version)
    {
        using var dataset = Import(Npy(Header("|u1", "(3, 2)"), [1, 2, 3, 4, 5, 6], (byte)version));
        Assert.That(dataset.Fields[0].ToString(), Is.EqualTo("a u8 [2]"));
        Assert.That(dataset.Read<byte>("a", 0, 3), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5, 6 }));
    }

    [Test]
    public void Big_endian_and_Fortran_order_by_hand()
    {
        // [[1, 2], [3, 4], [5, 6]] column by column.
        using var dataset = Import(Npy(Header(">i2", "(3, 2)", fortran: true), [0, 1, 0, 3, 0, 5, 0, 2, 0, 4, 0, 6]));
        Assert.That(dataset.Read<short>("a", 0, 3), Is.EqualTo(new short[] { 1, 2, 3, 4, 5, 6 }));
    }

    [Test]
    public void What_numpy_saves_in_any_order_and_type_arrives()
    {
        if (!File.Exists("/usr/bin/python3"))
            Assert.Ignore("Python is not installed");
        const string Script =
            """
            import sys
            try:
                import numpy as np
            except ImportError:
                sys.exit(77)
            for name in '<f4 >f8 <f2 >i2 <i4 >i8 |u1 <u2 >u4 <u8 |i1'.split():
                for order in 'CF':
                    a = (np.arange(7000 * 3 * 4) % 120).astype(name).reshape(7000, 3, 4)
                    np.save(f"{sys.argv[1]}/{name[1:]}{order}.npy", np.asarray(a, order=order))
            np.save(f"{sys.argv[1]}/bool.npy", np.arange(7000) % 3 == 0)
            """;
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script, temp.Path]))!;
        Assert.That(python.WaitForExit(60_000));
        if (python.ExitCode == 77)
            Assert.Ignore("numpy is not installed (Debian: apt install python3-numpy)");
        Assert.That(python.ExitCode, Is.Zero);
        foreach (var order in "CF")
        {
            using var dataset = Import(
                [.. "f4 f8 f2 i2 i4 i8 u1 u2 u4 u8 i1".Split().Select(name => (name, temp[$"{name}{order}.npy"])), ("bool", temp["bool.npy"])]);
            var expected = Enumerable.Range(0, 7000 * 12).Select(i => i % 120).ToArray();
            void Same<T>(string name, Func<int, T> of) where T : unmanaged
            {
                Assert.That(dataset.Fields[dataset.FieldIndex(name)].Shape, Is.EqualTo(new long[] { 3, 4 }));
                Assert.That(dataset.Read<T>(name, 0, 7000), Is.EqualTo(expected.Select(of)), $"{name}{order}");
            }
            Same("f4", i => (float)i);
            Same("f8", i => (double)i);
            Same("f2", i => (Half)i);
            Same("i1", i => (sbyte)i);
            Same("i2", i => (short)i);
            Same("i4", i => i);
            Same("i8", i => (long)i);
            Same("u1", i => (byte)i);
            Same("u2", i => (ushort)i);
            Same("u4", i => (uint)i);
            Same("u8", i => (ulong)i);
            Assert.That(dataset.Read<byte>("bool", 0, 4), Is.EqualTo(new byte[] { 1, 0, 0, 1 }));
        }
    }

    [Test]
    public void Files_that_do_not_belong_together()
    {
        File.WriteAllBytes(temp["x.npy"], Npy(Header("|u1", "(3,)"), [1, 2, 3]));
        File.WriteAllBytes(temp["y.npy"], Npy(Header("|u1", "(2,)"), [1, 2]));
        Assert.That(() => Import(("x", temp["x.npy"]), ("y", temp["y.npy"])),
            Throws.TypeOf<DatasetException>().With.Message.Contains("3 samples").And.Message.Contains("has 2"));
        Assert.That(() => Import(("x", temp["x.npy"]), ("x", temp["x.npy"])), Throws.TypeOf<DatasetException>().With.Message.Contains("twice"));
    }

    [Test]
    public void Damaged_and_foreign_files()
    {
        Fails([], "is empty");
        Fails("PK, a zip archive"u8.ToArray(), "is no .npy file");
        Fails(Npy(Header("|u1", "(3,)"), [1, 2]), "cut short");
        Fails(Npy(Header("|u1", "(3,)"), [1, 2, 3, 4]), "longer than its header says");
        Fails(Npy(Header("|u1", "(0, 3)"), []), "holds no samples");
        Fails(Npy(Header("|u1", "()"), [1]), "a single number");
        Fails(Npy(Header("<c8", "(1,)"), new byte[8]), "'<c8'", "astype");
        Fails(Npy(Header("<U3", "(1,)"), new byte[12]), "'<U3'");
        Fails(Npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new byte[4]), "records or objects");
        Fails(Npy("{'descr': '<f4', 'shape': (1,), }", new byte[4]), "no fortran_order");
        Fails(Npy(Header("<f4", "(1,)"), new byte[4], version: 4), "version 4");
        Fails([.. Npy(Header("<f4", "(1,)"), [])[..30]], "cut short in its header");
    }
}
