using System.Text;

namespace HpcTrain.Data.Importers;

/// <summary>
/// A text as code points, in memory: 4 bytes per character. The file is UTF-8, plain or gzip; a byte order mark at its start is
/// left out.
/// </summary>
internal static class CharacterText
{
    private const int BlockBytes = 1 << 16;
    private const int MaxCharacters = 1 << 30;
    private const int ByteOrderMark = 0xfeff;

    /// <summary>Reads the whole file.</summary>
    /// <exception cref="DatasetException">It cannot be read, is no UTF-8, or holds no characters.</exception>
    public static List<int> Read(InputFile input, NewlineRule newlines)
    {
        var text = new List<int>();
        var decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetDecoder();
        var bytes = new byte[BlockBytes];
        var characters = new char[BlockBytes + 1];
        var pair = '\0'; // the first half of a character that two UTF-16 units encode
        for (long done = 0; ;)
        {
            var read = input.ReadUpTo(bytes);
            var count = Decode(decoder, bytes.AsSpan(0, read), characters, input.Path, done);
            foreach (var unit in characters.AsSpan(0, count))
            {
                if (char.IsHighSurrogate(unit))
                    pair = unit;
                else
                    text.Add(char.IsLowSurrogate(unit) ? char.ConvertToUtf32(pair, unit) : unit);
            }
            if (text.Count > MaxCharacters)
                throw new DatasetException($"{input.Path} has more than {MaxCharacters} characters, which are held in memory; split it into several files.");
            done += read;
            if (read == 0)
                break;
        }
        if (text is [ByteOrderMark, ..])
            text.RemoveAt(0);
        if (newlines != NewlineRule.Keep)
            ToLineFeeds(text);
        if (newlines == NewlineRule.Unwrap)
            Unwrap(text);
        return text;
    }

    private static int Decode(Decoder decoder, ReadOnlySpan<byte> bytes, char[] characters, string path, long before)
    {
        try
        {
            return decoder.GetChars(bytes, characters, flush: bytes.Length == 0);
        }
        catch (DecoderFallbackException e)
        {
            throw new DatasetException(
                $"{path} is no UTF-8 text at byte {before + e.Index}; convert it, as with: iconv -f LATIN1 -t UTF-8 FILE.", inner: e);
        }
    }

    private static void ToLineFeeds(List<int> text)
    {
        var kept = 0;
        for (var i = 0; i < text.Count; i++)
        {
            if (text[i] == '\r' && i + 1 < text.Count && text[i + 1] == '\n')
                continue;
            text[kept++] = text[i] == '\r' ? '\n' : text[i];
        }
        text.RemoveRange(kept, text.Count - kept);
    }

    private static void Unwrap(List<int> text)
    {
        var kept = 0;
        for (var i = 0; i < text.Count;)
        {
            if (text[i] != '\n')
            {
                text[kept++] = text[i++];
                continue;
            }
            var start = i;
            while (i < text.Count && text[i] == '\n')
                i++;
            if (i - start == 1)
            {
                text[kept++] = ' ';
                continue;
            }
            text[kept++] = '\n';
            text[kept++] = '\n';
        }
        text.RemoveRange(kept, text.Count - kept);
    }
}
