using System.Text;

namespace HpcTrain.Data.Importers;

/// <summary>
/// Splits a CSV file into records as RFC 4180 has it: fields between delimiters, quoted fields with doubled quotes inside and
/// line breaks allowed, LF or CRLF at the end of a record. Empty lines are passed over. Memory holds one record.
/// </summary>
internal sealed class CsvRecords : IDisposable
{
    private const int MostRecordChars = 64 << 20;
    private const int End = -1;

    private readonly InputFile input;
    private readonly StreamReader reader;
    private readonly char delimiter;
    private readonly char[] buffer = new char[1 << 15];
    private readonly List<(int Start, int Length)> fields = [];
    private char[] text = new char[1 << 10];
    private int textLength;
    private int bufferAt;
    private int bufferEnd;
    private long line = 1;

    public CsvRecords(InputFile input, char delimiter)
    {
        this.input = input;
        this.delimiter = delimiter;
        // A byte order mark is skipped; bytes that are no UTF-8 are an error rather than a question mark.
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
        reader = new StreamReader(input.Content, encoding, detectEncodingFromByteOrderMarks: true, 1 << 15, leaveOpen: true);
    }

    /// <summary>The line on which the last record began, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Fields of the last record.</summary>
    public int Count => fields.Count;

    /// <summary>A field of the last record, unquoted; valid until the next record is read.</summary>
    public ReadOnlySpan<char> this[int field] => text.AsSpan(fields[field].Start, fields[field].Length);

    /// <summary>Reads the next record; false at the end of the file.</summary>
    public bool Read()
    {
        while (true)
        {
            if (!ReadRecord())
                return false;
            if (Count > 1 || fields[0].Length > 0)
                return true;
        }
    }

    public void Dispose()
    {
        reader.Dispose();
        input.Dispose();
    }

    private bool ReadRecord()
    {
        fields.Clear();
        textLength = 0;
        Line = line;
        if (Peek() == End)
            return false;
        while (true)
        {
            var start = textLength;
            if (Peek() == '"')
                ReadQuoted();
            else
                ReadPlain();
            fields.Add((start, textLength - start));
            var end = Take();
            if (end == delimiter)
                continue;
            if (end == '\r' && Peek() == '\n')
                _ = Take();
            if (end != End)
                line++;
            return true;
        }
    }

    private void ReadPlain()
    {
        while (Peek() is var next && next != delimiter && next is not ('\n' or '\r' or End))
        {
            if (next == '"')
                throw Bad(
                    $"line {line}, column {fields.Count + 1}: a quote stands inside a field that does not begin with one; " +
                    "double it and quote the field");
            Append((char)Take());
        }
    }

    private void ReadQuoted()
    {
        var opened = line;
        _ = Take();
        while (true)
        {
            var next = Take();
            if (next == End)
                throw Bad($"line {opened}, column {fields.Count + 1}: a quote is opened here and never closed");
            if (next == '\n')
                line++;
            if (next != '"')
                Append((char)next);
            else if (Peek() == '"')
                Append((char)Take());
            else
                break;
        }
        if (Peek() is var after && after != delimiter && after is not ('\n' or '\r' or End))
            throw Bad(
                $"line {line}, column {fields.Count + 1}: '{(char)after}' follows a closing quote; a delimiter or the end " +
                "of the line must");
    }

    private void Append(char c)
    {
        if (textLength == text.Length)
        {
            if (textLength >= MostRecordChars)
                throw Bad($"line {Line}: the record is longer than 64 MiB; a closing quote may be missing");
            Array.Resize(ref text, textLength * 2);
        }
        text[textLength++] = c;
    }

    private int Peek()
    {
        if (bufferAt == bufferEnd)
            Refill();
        return bufferAt == bufferEnd ? End : buffer[bufferAt];
    }

    private int Take()
    {
        var next = Peek();
        if (next != End)
            bufferAt++;
        return next;
    }

    private void Refill()
    {
        try
        {
            bufferAt = 0;
            bufferEnd = reader.Read(buffer);
        }
        catch (DecoderFallbackException e)
        {
            throw new DatasetException($"{input.Path} is not UTF-8 text (near line {line}); convert it to UTF-8.", inner: e);
        }
        catch (InvalidDataException e)
        {
            throw new DatasetException(
                $"{input.Path} is a damaged gzip file ({e.Message.TrimEnd('.')}); fetch it again.", inner: e);
        }
        catch (Exception e) when (DatasetException.IsIO(e))
        {
            throw DatasetException.FromIO("read", input.Path, e);
        }
    }

    private DatasetException Bad(string what) => new($"{input.Path}, {what}.");
}
