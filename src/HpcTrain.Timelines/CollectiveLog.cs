using System.Runtime.InteropServices;
using HpcTrain.Collectives;
using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Kernels;

namespace HpcTrain.Timelines;

/// <summary>
/// Keeps the calls of a communicator until there is time to write them: for measurements, which writing would disturb. Of calls that repeat, in each series the
/// first <see cref="MostAlike"/>, of all <see cref="MostCalls"/>: no viewer shows more.
/// </summary>
public sealed class CollectiveLog
{
    /// <summary>The most calls of one shape and algorithm that are kept of a series.</summary>
    public const int MostAlike = 500;

    /// <summary>The most calls that are kept.</summary>
    public const int MostCalls = 500_000;

    private readonly List<CollectiveRecord> _calls = new(1 << 14);
    private readonly Dictionary<(CollectiveKind, long, ElementType, ReduceOp?, int?, string), int> _alike = [];

    /// <summary>The calls that were not kept.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Keeps a call, if there are not enough like it. Fit to be a communicator's <see cref="CollectiveCommunicator.Observer"/>.</summary>
    public void Add(in CollectiveRecord call)
    {
        ref int alike = ref CollectionsMarshal.GetValueRefOrAddDefault(_alike, (call.Collective, call.Count, call.Type, call.Op, call.Root, call.Algorithm), out _);
        if (alike < MostAlike && _calls.Count < MostCalls)
        {
            alike++;
            _calls.Add(call);
        }
        else
        {
            LeftOut++;
        }
    }

    /// <summary>Begins another series: calls like those before are kept again.</summary>
    public void NextSeries() => _alike.Clear();

    /// <summary>Writes the calls that were kept.</summary>
    public void WriteTo(CollectiveRows rows)
    {
        foreach (CollectiveRecord call in _calls)
            rows.Write(in call);
    }
}
