using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace HpcTrain.Training.Servers;

/// <summary>
/// An allreduce among the servers of one shard, one in each of K super nodes, that goes on by messages as they come, so that a server answers its clients meanwhile: each owns a
/// K-th of the shard. Everybody sends each part to its owner (reduce-scatter); an owner that has all adds them in the order of super nodes and sends the sum to all (allgather).
/// Everybody ends with the same bits.
/// </summary>
/// <remarks>
/// Cost: 2(K-1) messages, 2(K-1)/K of the shard sent and received, which is the least possible, in two message times; Thakur, Rabenseifner and Gropp, "Optimization of Collective
/// Communication Operations in MPICH" (IJHPCA 2005), section 4.5, with direct exchange in place of halving.
/// A faster super node may be one exchange ahead with its parts, never with sums; what comes early waits in a queue per super node.
/// </remarks>
/// <param name="superNodes">How many.</param>
/// <param name="me">This one, from 0.</param>
/// <param name="length">The length of what is summed.</param>
/// <param name="send">Sends a part or a sum to the shard's server in another super node.</param>
internal sealed class SuperNodeExchange(int superNodes, int me, int length, SuperNodeExchange.Sender send)
{
    private readonly Queue<float[]>[] _parts = Queues(superNodes);
    private readonly Queue<float[]>[] _sums = Queues(superNodes);
    private float[]? _shard;
    private bool _hasSummed;

    /// <summary>Sends to another super node.</summary>
    public delegate void Sender(int superNode, MessageKind kind, ReadOnlySpan<byte> payload);

    /// <summary>How many super nodes there are.</summary>
    public int SuperNodes => superNodes;

    /// <summary>Whether there is nothing to wait for.</summary>
    public bool IsDone => _shard is null;

    /// <summary>Begins to replace a shard's gradients by their sum over all super nodes. The one before must be done.</summary>
    public void Begin(float[] shard)
    {
        (_shard, _hasSummed) = (shard, false);
        foreach (var other in Others())
        {
            send(other, MessageKind.Part, MemoryMarshal.AsBytes(Part(other)));
        }

        GoOn();
    }

    /// <summary>A message from another super node.</summary>
    public void Take(int superNode, MessageKind kind, ReadOnlySpan<byte> payload)
    {
        (kind == MessageKind.Part ? _parts : _sums)[superNode].Enqueue(MemoryMarshal.Cast<byte, float>(payload).ToArray());
        GoOn();
    }

    private void GoOn()
    {
        if (_shard is null)
        {
            return;
        }

        if (!_hasSummed && Others().All(other => _parts[other].Count > 0))
        {
            AddUp();
        }

        if (_hasSummed && Others().All(other => _sums[other].Count > 0))
        {
            foreach (var other in Others())
            {
                _sums[other].Dequeue().CopyTo(Part(other));
            }

            _shard = null;
        }
    }

    private void AddUp()
    {
        var mine = Part(me);
        var own = mine.ToArray();
        mine.Clear();
        for (var superNode = 0; superNode < superNodes; superNode++)
        {
            TensorPrimitives.Add(mine, superNode == me ? own : _parts[superNode].Dequeue(), mine);
        }

        _hasSummed = true;
        foreach (var other in Others())
        {
            send(other, MessageKind.Sum, MemoryMarshal.AsBytes(mine));
        }
    }

    private Span<float> Part(int superNode)
    {
        var (begin, end) = ((int)((long)length * superNode / superNodes), (int)((long)length * (superNode + 1) / superNodes));
        return _shard.AsSpan(begin, end - begin);
    }

    private IEnumerable<int> Others() => Enumerable.Range(0, superNodes).Where(superNode => superNode != me);

    private static Queue<float[]>[] Queues(int count) => [.. Enumerable.Range(0, count).Select(_ => new Queue<float[]>())];
}
