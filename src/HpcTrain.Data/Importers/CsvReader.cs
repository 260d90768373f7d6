using System.Globalization;
using System.Runtime.InteropServices;
using HpcTrain.Data.Importers;
using HpcTrain.Kernels;

namespace HpcTrain.Data;

/// <summary>A field of a dataset made of columns of a CSV file.</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Type">What the columns are read as.</param>
/// <param name="Columns">The columns by their names in the header; null for all columns that no other field names.</param>
public sealed record CsvField(string Name, ElementType Type, IReadOnlyList<string>? Columns)
{
    /// <summary>For a single column: a sample is a number (shape []), not a vector of one (shape [1]).</summary>
    public bool IsScalar { get; init; }

    /// <summary>The texts that stand for 0, 1, 2, ...; null where the columns hold numbers.</summary>
    public IReadOnlyList<string>? Classes { get; init; }
}

/// <summary>
/// Reads a CSV file (RFC 4180, UTF-8, plain or gzip) whose first line names the columns. Every field is a vector of some
/// columns, in the order given. Numbers are in the invariant culture; a value that does not fit its type is an error with line
/// and column.
/// </summary>
public sealed class CsvReader : SampleReader
{
    private readonly InputFile input;
    private readonly CsvRecords records;
    private readonly IReadOnlyList<CsvField> csvFields;
    private readonly char delimiter;
    private readonly bool hasHeader;
    private readonly string[] header;
    private readonly int[][] columns;
    private bool pending;

    /// <summary>Opens the file and finds the columns.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fields">What becomes of the columns; columns that no field names are left out.</param>
    /// <param name="delimiter">Between fields.</param>
    /// <param name="hasHeader">False if the first line is a sample already; the columns are called 1, 2, 3, ... then.</param>
    /// <exception cref="DatasetException">The file cannot be read or is empty, or a column does not exist (the message lists
    /// those that do).</exception>
    public CsvReader(string path, IReadOnlyList<CsvField> fields, char delimiter = ',', bool hasHeader = true)
    {
        csvFields = fields;
        this.delimiter = delimiter;
        this.hasHeader = hasHeader;
        input = new InputFile(path);
        records = new CsvRecords(input, delimiter);
        try
        {
            if (!records.Read())
                throw new DatasetException($"{path} is empty; check the download or the path.");
            header = [.. Enumerable.Range(0, records.Count)
                .Select(i => hasHeader ? records[i].Trim().ToString() : (i + 1).ToString(CultureInfo.InvariantCulture))];
            pending = !hasHeader;
            columns = FindColumns();
            Fields = [.. fields.Select((field, i) => new FieldSchema(field.Name, field.Type, field.IsScalar ? [] : [columns[i].Length]))];
            foreach (var field in Fields)
                field.Validate(path);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<FieldSchema> Fields { get; }

    /// <inheritdoc/>
    public override long? Count => null;

    /// <inheritdoc/>
    public override double Progress => input.Progress;

    /// <inheritdoc/>
    public override string Importer => "csv";

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, string> Options
    {
        get
        {
            var options = new Dictionary<string, string> { ["delimiter"] = delimiter.ToString(), ["header"] = hasHeader ? "yes" : "no" };
            foreach (var (csv, places) in csvFields.Zip(columns))
                options[$"field {csv.Name}"] = $"{csv.Type.Name()}{(csv.IsScalar ? "" : " vector")} of "
                    + string.Join(',', places.Select(place => header[place]))
                    + (csv.Classes is null ? "" : $" as {string.Join(',', csv.Classes)}");
            return options;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Inputs => [input.Path];

    /// <inheritdoc/>
    public override int Read(int samples, IReadOnlyList<Memory<byte>> buffers)
    {
        for (var sample = 0; sample < samples; sample++)
        {
            if (!pending && !records.Read())
                return sample;
            pending = false;
            if (records.Count != header.Length)
                throw new DatasetException(
                    $"{input.Path}, line {records.Line}: there are {records.Count} columns, but the first line has {header.Length}; " +
                    "mend the line or quote its fields.");
            for (var field = 0; field < columns.Length; field++)
            {
                var size = Fields[field].Type.SizeInBytes();
                var place = sample * columns[field].Length;
                foreach (var column in columns[field])
                    Convert(csvFields[field], column, buffers[field].Span.Slice(place++ * size, size));
            }
        }
        return samples;
    }

    internal override IReadOnlyList<SourceFile> DescribeInputs() => [input.Describe()];

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => records.Dispose();

    private int[][] FindColumns()
    {
        var found = csvFields.Select(field => field.Columns?.Select(name => Find(field, name)).ToArray()).ToArray();
        var named = found.Where(places => places is not null).SelectMany(places => places!).ToHashSet();
        for (var i = 0; i < found.Length; i++)
        {
            found[i] ??= [.. Enumerable.Range(0, header.Length).Where(column => !named.Contains(column))];
            if (found[i]!.Length == 0)
                throw new DatasetException(
                    $"{input.Path} has no column left for the field '{csvFields[i].Name}'; its columns are " +
                    $"{string.Join(", ", header)}.");
        }
        return found!;
    }

    private int Find(CsvField field, string name)
    {
        var place = Array.IndexOf(header, name);
        if (place < 0)
            throw new DatasetException(
                $"{input.Path} has no column '{name}' for the field '{field.Name}'; its columns are " +
                $"{string.Join(", ", header)}.");
        if (Array.LastIndexOf(header, name) != place)
            throw new DatasetException(
                $"{input.Path} has several columns called '{name}', so the field '{field.Name}' is not clear; rename them.");
        return place;
    }

    private void Convert(CsvField field, int column, Span<byte> destination)
    {
        var value = records[column].Trim();
        if (field.Classes is { } classes)
        {
            var place = -1;
            for (var i = 0; i < classes.Count && place < 0; i++)
                if (value.SequenceEqual(classes[i]))
                    place = i;
            if (place < 0)
                throw Bad(column, value, $"is none of the classes {string.Join(", ", classes)}");
            value = place.ToString(CultureInfo.InvariantCulture);
        }
        if (!TryParse(field.Type, value, destination))
            throw Bad(column, value, value.IsEmpty
                ? $"is empty; every sample needs a value of type {field.Type.Name()}"
                : $"is no {field.Type.Name()}");
    }

    private DatasetException Bad(int column, ReadOnlySpan<char> value, string what)
    {
        var shown = value.Length > 40 ? $"{value[..40]}..." : value.ToString();
        return new DatasetException($"{input.Path}, line {records.Line}, column '{header[column]}': '{shown}' {what}.");
    }

    private static bool TryParse(ElementType type, ReadOnlySpan<char> text, Span<byte> destination)
    {
        const NumberStyles Real = NumberStyles.Float;
        const NumberStyles Whole = NumberStyles.AllowLeadingSign;
        var culture = CultureInfo.InvariantCulture;
        // NumPy and pandas write "inf", .NET reads "Infinity".
        if (type.IsFloatingPoint() && text.TrimStart("+-").Equals("inf", StringComparison.OrdinalIgnoreCase) && text.Length <= 4)
            text = text[0] == '-' ? "-Infinity" : "Infinity";
        switch (type)
        {
            case ElementType.F32: return float.TryParse(text, Real, culture, out var f32) && Fits(f32, text) && Write(f32, destination);
            case ElementType.F64: return double.TryParse(text, Real, culture, out var f64) && Fits(f64, text) && Write(f64, destination);
            case ElementType.F16: return Half.TryParse(text, Real, culture, out var f16) && Fits((float)f16, text) && Write(f16, destination);
            case ElementType.BF16:
                return float.TryParse(text, Real, culture, out var wide)
                && (BFloat16)wide is var bf16 && Fits(bf16, text) && Write(bf16, destination);
            case ElementType.I8: return sbyte.TryParse(text, Whole, culture, out var i8) && Write(i8, destination);
            case ElementType.U8: return byte.TryParse(text, Whole, culture, out var u8) && Write(u8, destination);
            case ElementType.I16: return short.TryParse(text, Whole, culture, out var i16) && Write(i16, destination);
            case ElementType.U16: return ushort.TryParse(text, Whole, culture, out var u16) && Write(u16, destination);
            case ElementType.I32: return int.TryParse(text, Whole, culture, out var i32) && Write(i32, destination);
            case ElementType.U32: return uint.TryParse(text, Whole, culture, out var u32) && Write(u32, destination);
            case ElementType.I64: return long.TryParse(text, Whole, culture, out var i64) && Write(i64, destination);
            case ElementType.U64: return ulong.TryParse(text, Whole, culture, out var u64) && Write(u64, destination);
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type");
        }
    }

    // A finite number that is too large becomes infinity when parsed; only one that says "inf" may.
    private static bool Fits(double value, ReadOnlySpan<char> text) => !double.IsInfinity(value) || text.ContainsAny("iI∞");

    private static bool Write<T>(T value, Span<byte> destination) where T : unmanaged
    {
        MemoryMarshal.Write(destination, value);
        return true;
    }
}
