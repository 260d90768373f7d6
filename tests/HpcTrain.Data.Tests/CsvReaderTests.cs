using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using HpcTrain.Kernels;

namespace HpcTrain.Data.Tests;

[TestFixture]
internal sealed class CsvReaderTests
{
    private static readonly CsvField Features = new("features", ElementType.F32, null);

    private TempFolder temp = null!;

    [SetUp]
    public void Create() => temp = new TempFolder();

    [TearDown]
    public void Remove() => temp.Dispose();

    private static CsvField Label(string column, ElementType type = ElementType.I64) => new("label", type, [column]) { IsScalar = true };

    private ShardedDataset Import(string text, char delimiter = ',', bool hasHeader = true, params CsvField[] fields)
    {
        File.WriteAllText(temp["in.csv"], text);
        using (var reader = new CsvReader(temp["in.csv"], fields, delimiter, hasHeader))
            _ = DatasetImport.Run(reader, temp["set"], new ImportOptions { Existing = ExistingDataset.Replace });
        return ShardedDataset.Open(temp["set"]);
    }

    private void Fails(string text, string[] parts, params CsvField[] fields)
    {
        var failure = Assert.Catch<DatasetException>(() => Import(text, fields: fields).Dispose())!;
        foreach (var part in parts.Append(temp["in.csv"]))
            Assert.That(failure.Message, Does.Contain(part));
        Assert.That(Directory.EnumerateDirectories(temp.Path), Is.Empty);
    }

    [Test]
    public void Columns_that_no_field_names_make_the_rest()
    {
        using var dataset = Import("a,y,b\n1,7,2.5\n4,8,-5e-1", fields: [Features, Label("y")]);
        Assert.That(dataset.Fields.Select(field => field.ToString()), Is.EqualTo(new[] { "features f32 [2]", "label i64 []" }));
        Assert.That(dataset.Read<float>("features", 0, 2), Is.EqualTo(new[] { 1, 2.5f, 4, -0.5f }));
        Assert.That(dataset.Read<long>("label", 0, 2), Is.EqualTo(new long[] { 7, 8 }));
    }

    [Test]
    public void Named_columns_come_in_their_order_and_as_their_type()
    {
        using var dataset = Import("a;b;c\r\n1;2;3\r\n\r\n4;5;6\r\n", ';', fields: [new("pair", ElementType.U8, ["c", "a"])]);
        Assert.That(dataset.Read<byte>("pair", 0, 2), Is.EqualTo(new byte[] { 3, 1, 6, 4 }));
    }

    [Test]
    public void Quotes_hold_delimiters_quotes_and_line_breaks()
    {
        using var dataset = Import("\uFEFF\"the, \"\"name\"\"\",\"x\ny\"\n\"1\",2\n 3 ,\"4\"\n", fields: [new("v", ElementType.I32, ["x\ny", "the, \"name\""])]);
        Assert.That(dataset.Read<int>("v", 0, 2), Is.EqualTo(new[] { 2, 1, 4, 3 }));
    }

    [Test]
    public void Classes_become_their_numbers()
    {
        using var dataset = Import("x,kind\n1,dog\n2,\"cat\"\n3,dog\n", fields: [Features, Label("kind", ElementType.U8) with { Classes = ["cat", "dog"] }]);
        Assert.That(dataset.Read<byte>("label", 0, 3), Is.EqualTo(new byte[] { 1, 0, 1 }));
    }

    [Test]
    public void Without_a_header_columns_are_numbered()
    {
        using var dataset = Import("1,2,3\n4,5,6\n", hasHeader: false, fields: [Features, Label("3")]);
        Assert.That(dataset.Read<float>("features", 0, 2), Is.EqualTo(new[] { 1f, 2, 4, 5 }));
        Assert.That(dataset.Read<long>("label", 0, 2), Is.EqualTo(new long[] { 3, 6 }));
    }

    [Test]
    public void Any_table_of_numbers_comes_back_however_it_is_written()
    {
        var property = Prop.ForAll<NonEmptyArray<NormalFloat>, PositiveInt, bool>((values, width, crlf) =>
        {
            var columns = Math.Min(width.Get, values.Get.Length);
            var rows = values.Get.Select(value => value.Get).Chunk(columns).Where(row => row.Length == columns).ToArray();
            var text = new StringBuilder(string.Join(',', Enumerable.Range(0, columns).Select(i => $"c{i}")));
            foreach (var row in rows)
                text.Append(crlf ? "\r\n" : "\n").AppendJoin(',', row.Select((value, i) => Written(value, quoted: i % 2 == 1)));
            using var dataset = Import(text.ToString(), fields: [new("v", ElementType.F64, null)]);
            return dataset.Read<double>("v", 0, rows.Length).SequenceEqual(rows.SelectMany(row => row));
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(40), property);
    }

    private static string Written(double value, bool quoted)
    {
        var number = value.ToString("R", CultureInfo.InvariantCulture);
        return quoted ? $"\"{number}\"" : number;
    }

    [Test]
    public void A_value_that_does_not_fit_is_named_with_line_and_column()
    {
        Fails("a,b\n1,2\n3,x4\n", ["line 3", "'b'", "'x4' is no f32"], Features);
        Fails("a,b\n1,300\n", ["line 2", "'b'", "'300' is no u8"], new CsvField("v", ElementType.U8, null));
        Fails("a,b\n1,\n", ["line 2", "'b'", "is empty"], Features);
        Fails("a\n1e39\n", ["'1e39' is no f32"], Features);
        Fails("a\n\"1\n2\"\n", ["line 2"], Features);
        Fails("a,b\n\"1\",\"2\n\n3\"\n", ["line 2"], Features);
        Fails("a,b\n\"1\",2\n\n\n1,ü\n", ["line 5"], Features);
        Fails("k\nbird\n", ["'bird' is none of the classes cat, dog"], Label("k") with { Classes = ["cat", "dog"] });
    }

    [Test]
    public void Infinity_is_a_number_where_it_is_meant()
    {
        using var dataset = Import("a,b\ninf,NaN\n-Infinity,1\n", fields: [Features]);
        Assert.That(dataset.Read<float>("features", 0, 2), Is.EqualTo(new[] { float.PositiveInfinity, float.NaN, float.NegativeInfinity, 1 }));
    }

    [Test]
    public void Lines_and_quotes_out_of_order()
    {
        Fails("a,b\n1,2,3\n", ["line 2", "3 columns", "has 2"], Features);
        Fails("a,b\n1\n", ["line 2", "1 columns"], Features);
        Fails("a,b\n1,\"2\n3,4\n", ["line 2, column 2", "never closed"], Features);
        Fails("a,b\n1,2\"\n", ["line 2, column 2", "does not begin with one"], Features);
        Fails("a,b\n1,\"2\"3\n", ["line 2, column 2", "follows a closing quote"], Features);
    }

    [Test]
    public void Columns_that_are_not_there()
    {
        Fails("a,b\n1,2\n", ["no column 'y'", "its columns are a, b"], Label("y"));
        Fails("a,a\n1,2\n", ["several columns called 'a'"], Label("a"));
        Fails("a\n1\n", ["no column left for the field 'features'"], Label("a"), Features);
    }

    [Test]
    public void Empty_inputs()
    {
        Fails("", ["is empty"], Features);
        Fails("\n\n", ["is empty"], Features);
        Fails("a,b\n", ["hold no samples"], Features);
    }

    [Test]
    public void Text_that_is_not_UTF8()
    {
        File.WriteAllBytes(temp["in.csv"], [.. "a\n1\n"u8, 0xE4, (byte)'\n']);
        Assert.That(() =>
        {
            using var reader = new CsvReader(temp["in.csv"], [Features]);
            _ = DatasetImport.Run(reader, temp["set"]);
        }, Throws.TypeOf<DatasetException>().With.Message.Contains("is not UTF-8"));
    }
}
