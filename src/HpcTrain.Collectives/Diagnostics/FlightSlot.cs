using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;

namespace HpcTrain.Collectives.Diagnostics;

/// <summary>One recorded collective: one cache line, written by its rank and read by all ranks of the node.</summary>
internal struct FlightSlot
{
    /// <summary>Its number among the calls of the communicator, from 1; written last.</summary>
    public long Sequence;

    /// <summary>What was called, see <see cref="Node.CallSignature"/>.</summary>
    public long Signature;

    /// <summary>When, in milliseconds of the node's monotonic clock.</summary>
    public long Started;

    /// <summary>How long it took, once it has ended.</summary>
    public int Milliseconds;

    /// <summary>How far it has come.</summary>
    public FlightState State;

    /// <summary>How it is done.</summary>
    public FlightLabel Label;
}

/// <summary>Algorithm and path of a call in 32 bytes: longer names are cut.</summary>
[InlineArray(Bytes)]
internal struct FlightLabel
{
    private const int Bytes = 32, AlgorithmBytes = 20;

    private byte _first;

    public FlightLabel(string algorithm, string path)
    {
        Set(((Span<byte>)this)[..AlgorithmBytes], algorithm);
        SetPath(path);
    }

    public readonly string Algorithm => Text(((ReadOnlySpan<byte>)this)[..AlgorithmBytes]);

    public readonly string Path => Text(((ReadOnlySpan<byte>)this)[AlgorithmBytes..]);

    public void SetPath(string path) => Set(((Span<byte>)this)[AlgorithmBytes..], path);

    private static void Set(Span<byte> bytes, string text)
    {
        bytes.Clear();
        _ = Utf8.FromUtf16(text, bytes, out _, out _);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes).TrimEnd('\0');
}
