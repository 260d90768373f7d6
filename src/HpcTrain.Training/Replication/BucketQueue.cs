using HpcTrain.Mpi;
using HpcTrain.Training.Reduction;

namespace HpcTrain.Training.Replication;

/// <summary>
/// Which bucket is summed when. All ranks sum the same buckets in the order of their numbers, whatever the order in which backward completes them. In the first step every
/// bucket waits for backward to end, and it is seen which parameters get gradients after they were reported complete (as weights that are used outside of their
/// module); the ranks put together what they have seen, and the buckets of those wait in every later step.
/// </summary>
internal sealed class BucketQueue
{
    private readonly IReadOnlyList<GradientBucket> _buckets;
    private readonly int[] _bucketOf;
    private readonly int[] _late;
    private readonly bool[] _complete;
    private readonly int[] _missing;
    private int _next;
    private bool _learned;

    public BucketQueue(FlatLayout layout)
    {
        _buckets = layout.Buckets;
        _bucketOf = new int[layout.Slots.Count];
        _late = new int[layout.Slots.Count];
        _complete = new bool[layout.Slots.Count];
        _missing = [.. _buckets.Select(b => b.Slots.Count)];
        var places = layout.Slots.Index().ToDictionary(s => s.Item.Offset, s => s.Index);
        foreach (var bucket in _buckets)
        {
            foreach (var slot in bucket.Slots)
            {
                _bucketOf[places[slot.Offset]] = bucket.Index;
            }
        }
    }

    /// <summary>A parameter's gradient is complete.</summary>
    /// <returns>The buckets that are to be summed now, in order.</returns>
    public IEnumerable<GradientBucket> Complete(int slot)
    {
        if (!_learned || _complete[slot] || _late[slot] != 0)
        {
            return [];
        }

        _complete[slot] = true;
        _missing[_bucketOf[slot]]--;
        var first = _next;
        while (_next < _buckets.Count && _missing[_next] == 0)
        {
            _next++;
        }

        return _buckets.Skip(first).Take(_next - first);
    }

    /// <summary>A parameter that was complete has got another gradient.</summary>
    /// <returns>Whether it comes in time, because its bucket still waits.</returns>
    public bool CameLate(int slot)
    {
        _late[slot] = 1;
        return _bucketOf[slot] >= _next;
    }

    /// <summary>Backward is over: the buckets that are still to be summed, in order.</summary>
    public IEnumerable<GradientBucket> TakeRest()
    {
        var rest = _buckets.Skip(_next);
        _next = _buckets.Count;
        return rest;
    }

    /// <summary>Makes ready for the next step; the first time a collective call.</summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="learns">Whether anybody reports parameters as complete; the same on all ranks.</param>
    public void EndStep(Intracommunicator communicator, bool learns)
    {
        if (learns && !_learned)
        {
            communicator.AllReduce(_late, MpiOp.Max);
            _learned = true;
        }

        _next = 0;
        Array.Clear(_complete);
        for (var i = 0; i < _missing.Length; i++)
        {
            _missing[i] = _buckets[i].Slots.Count;
        }
    }
}
