using CommandLine;
using HpcTrain.CommandLine;
using HpcTrain.Data;
using HpcTrain.Kernels;

namespace HpcTrain.Cli.Data;

internal sealed class CsvImportOptions : ImportOptionsBase, IImportOptions
{
    public static string Summary =>
        "Make a dataset from a CSV file (UTF-8, plain or gzip): the label column becomes the field 'label', " +
        "the other columns the vector 'features'.";

    public static string Example =>
        "hpctrain data import csv --in iris.csv --label species --classes setosa,versicolor,virginica --out data/iris";

    [Option("in", Required = true, MetaValue = "FILE", HelpText = "The CSV file.")]
    public string In { get; set; } = "";

    [Option("label", MetaValue = "COLUMN", HelpText = "The column with the label; without it there is no field 'label'.")]
    public string? Label { get; set; }

    [Option("label-type", Default = "i64", MetaValue = "TYPE", HelpText = "The label's element type.")]
    public string LabelType { get; set; } = "";

    [Option("classes", MetaValue = "A,B,C", HelpText =
        "The texts in the label column that stand for 0, 1, 2, ... (default: it holds numbers).")]
    public string? Classes { get; set; }

    [Option("features", MetaValue = "A,B,C", HelpText = "The columns of 'features', in this order (default: all but the label).")]
    public string? Features { get; set; }

    [Option("feature-type", Default = "f32", MetaValue = "TYPE", HelpText =
        "The element type of 'features': f32, f64, f16, bf16, i8 to i64, u8 to u64.")]
    public string FeatureType { get; set; } = "";

    [Option("delimiter", Default = ",", MetaValue = "CHAR", HelpText = "Between columns: one character, or 'tab'.")]
    public string Delimiter { get; set; } = "";

    [Option("no-header", HelpText = "The first line is a sample; the columns are called 1, 2, 3, ...")]
    public bool NoHeader { get; set; }

    public SampleReader Open()
    {
        if (Classes is not null && Label is null)
            throw new UsageException("--classes needs --label: it names the texts of the label column");
        var fields = new List<CsvField> { new("features", ParseType("--feature-type", FeatureType), Features?.Split(',')) };
        if (Label is not null)
            fields.Add(new CsvField("label", ParseType("--label-type", LabelType), [Label])
            {
                IsScalar = true,
                Classes = Classes?.Split(','),
            });
        return new CsvReader(In, fields, ParseDelimiter(), !NoHeader);
    }

    private char ParseDelimiter() => Delimiter switch
    {
        "tab" or "\\t" => '\t',
        { Length: 1 } when Delimiter[0] is not ('"' or '\n' or '\r') => Delimiter[0],
        _ => throw new UsageException($"--delimiter must be one character or 'tab', not '{Delimiter}'"),
    };

    private static ElementType ParseType(string option, string name) => ElementTypes.TryParse(name, out var type)
        ? type
        : throw new UsageException(
            $"{option} names the type '{name}', which does not exist; the types are " +
            $"{string.Join(", ", ElementTypes.All.Select(known => known.Name()))}");
}
