using System.Globalization;
using HpcTrain.Collectives;
using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Kernels;

namespace HpcTrain.Timelines;

/// <summary>The collectives of a communicator in a rank's timeline: a row, and one more for each further call that is under way at the same time.</summary>
/// <param name="timeline">The timeline.</param>
/// <param name="name">What the rows are called.</param>
public sealed class CollectiveRows(RankTimeline timeline, string name = "collectives")
{
    private readonly List<int> _rows = [];

    /// <summary>Writes a call. Fit to be a communicator's <see cref="CollectiveCommunicator.Observer"/>, where some microseconds per call do not matter.</summary>
    public void Write(in CollectiveRecord call)
    {
        while (_rows.Count <= call.Slot)
            _rows.Add(timeline.Row(_rows.Count == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{name} ({_rows.Count + 1})")));
        timeline.Span(_rows[call.Slot], $"{call.Collective.Name()} {call.Algorithm}", "collective", call.Started, call.Ended,
            ("algorithm", call.Algorithm), ("path", call.Path), ("why", call.Reason), ("bytes", call.Bytes), ("count", call.Count), ("type", call.Type.Name()),
            ("op", call.Op?.Name() ?? "none"), ("root", call.Root?.ToString(CultureInfo.InvariantCulture) ?? "none"), ("segment_bytes", call.SegmentBytes), ("sequence", call.Sequence));
    }
}
