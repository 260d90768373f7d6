using System.Globalization;
using System.Text;

namespace HpcTrain.Mpi;

/// <summary>
/// Parts what ranks write from the page that MPICH's mpirun prints behind it, on its standard output as well, when a signal has ended a rank. The
/// ranks' output goes on at once, but for what may be the page's first rule. (The empty line before that cannot be told from a rank's.)
/// </summary>
/// <param name="output">Where the ranks' output goes.</param>
/// <param name="page">Where the page goes.</param>
internal sealed class HydraOutput(Stream output, Stream page)
{
    private const string SignalMark = "(signal ";

    /// <summary>How the page begins.</summary>
    internal static readonly byte[] Start = Encoding.ASCII.GetBytes(new string('=', 83) + "\n=   BAD TERMINATION OF ONE OF YOUR APPLICATION PROCESSES");

    private readonly StringBuilder _page = new();
    private int _held; // bytes of Start that have come and were not passed on

    /// <summary>The signal that ended a rank, as the page says; null when there is no page, or none that says it.</summary>
    public int? Signal
    {
        get
        {
            string text = _page.ToString();
            int at = text.IndexOf(SignalMark, StringComparison.Ordinal) + SignalMark.Length;
            int end = at < SignalMark.Length ? -1 : text.IndexOf(')', at);
            return end > at && int.TryParse(text.AsSpan(at, end - at), NumberStyles.None, CultureInfo.InvariantCulture, out int signal) ? signal : null;
        }
    }

    private bool IsPage => _held == Start.Length;

    /// <summary>Passes everything on until the stream ends.</summary>
    public void Copy(Stream from)
    {
        var buffer = new byte[16_384];
        for (int read; (read = from.Read(buffer)) > 0;)
        {
            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, read);
            while (!bytes.IsEmpty && !IsPage)
                bytes = bytes[Pass(bytes)..];
            output.Flush();
            if (!IsPage)
                continue;
            if (_page.Length == 0)
                WritePage(Start);
            WritePage(bytes);
        }

        if (!IsPage)
            output.Write(Start.AsSpan(0, _held));
        output.Flush();
        page.Flush();
    }

    /// <summary>Passes on what cannot belong to the page, up to the byte that may begin it or goes on with it.</summary>
    /// <returns>How many bytes are done with.</returns>
    private int Pass(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] == Start[_held])
        {
            _held++;
            return 1;
        }

        if (_held == 0)
        {
            int next = bytes.IndexOf(Start[0]);
            int passed = next < 0 ? bytes.Length : next;
            output.Write(bytes[..passed]);
            return passed;
        }

        // It was not the page, but its end may be the beginning of the page, as in a longer rule.
        int keep = _held - 1;
        while (!Start.AsSpan(_held - keep, keep).SequenceEqual(Start.AsSpan(0, keep)))
            keep--;
        output.Write(Start.AsSpan(0, _held - keep));
        _held = keep;
        return 0;
    }

    private void WritePage(ReadOnlySpan<byte> bytes)
    {
        _page.Append(Encoding.UTF8.GetString(bytes));
        page.Write(bytes);
    }
}
