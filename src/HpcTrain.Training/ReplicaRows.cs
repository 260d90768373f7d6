using System.Globalization;
using HpcTrain.Timelines;
using HpcTrain.Training.Reduction;
using HpcTrain.Training.Replication;

namespace HpcTrain.Training;

/// <summary>
/// What replicas do, in a rank's timeline: a row with backward layer by layer, and one for each bucket of gradients: how long it waited for buckets before it when it was complete, and how long it was
/// summed over the ranks.
/// </summary>
/// <param name="timeline">The timeline.</param>
internal sealed class ReplicaRows(RankTimeline timeline) : ReplicaTrace
{
    private const string Category = "gradients";
    private readonly int _layers = timeline.Row("backward by layer");
    private readonly Dictionary<int, int> _buckets = [];
    private string? _layer;
    private long _since;

    /// <inheritdoc/>
    public override void BackwardBegan(long at) => (_layer, _since) = (null, at);

    /// <inheritdoc/>
    public override void BackwardPassed(ParameterSlot slot, long at)
    {
        var layer = slot.Name.LastIndexOf('.') is > 0 and var dot ? slot.Name[..dot] : slot.Name;
        if (layer != _layer)
        {
            timeline.Span(_layers, layer, Category, _since, at);
            (_layer, _since) = (layer, at);
        }
    }

    /// <inheritdoc/>
    public override void BackwardEnded(long at)
    {
        if (_layer is not null)
        {
            timeline.Span(_layers, "first layers", Category, _since, at);
        }
    }

    /// <inheritdoc/>
    public override void Summed(GradientBucket bucket, long completed, long started, long ended)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bucket {bucket.Index}");
        if (!_buckets.TryGetValue(bucket.Index, out var row))
        {
            _buckets[bucket.Index] = row = timeline.Row(name);
        }

        timeline.Span(row, $"{name} waits", Category, completed, started);
        timeline.Span(row, name, Category, started, ended, ("elements", bucket.Length), ("parameters", bucket.Slots.Count));
    }
}
