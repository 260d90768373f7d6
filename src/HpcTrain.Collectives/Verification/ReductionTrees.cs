using System.Runtime.InteropServices;

namespace HpcTrain.Collectives.Verification;

/// <summary>
/// Symbolic values. A value is the contribution of one rank, or the reduction of two values; equal trees get equal numbers.
/// </summary>
/// <remarks>
/// The two sides of a reduction are put in order of their numbers, because every operation is bitwise commutative (IEEE addition,
/// multiplication, minimum and maximum are, as far as results other than NaN payloads go). They are not associative, so values
/// with equal numbers have equal bits and others need not. A tree costs one node, however many ranks hold it.
/// </remarks>
internal sealed class ReductionTrees
{
    public const int Nothing = -1;

    private readonly int _ranks;
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<long, int> _numbers = [];

    public ReductionTrees(int ranks)
    {
        _ranks = ranks;
    }

    /// <summary>The value that a rank starts with.</summary>
    public static int Contribution(int rank) => rank;

    /// <summary>The value op(left, right).</summary>
    public int Reduce(int left, int right)
    {
        if (left > right)
            (left, right) = (right, left);
        ref int number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, ((long)left << 32) | (uint)right, out bool known);
        if (!known)
        {
            number = _ranks + _nodes.Count;
            _nodes.Add(new(left, right));
        }

        return number;
    }

    /// <summary>How often each rank's contribution occurs in a value, each count held at <paramref name="most"/> at most.</summary>
    public int[] Occurrences(int value, int most)
    {
        // Operands have smaller numbers than their reduction, so one sweep from the root down meets every node after all of its users.
        var pending = new PriorityQueue<int, int>();
        var times = new Dictionary<int, int> { [value] = 1 };
        var result = new int[_ranks];
        pending.Enqueue(value, -value);
        while (pending.TryDequeue(out int node, out _))
        {
            int here = times[node];
            if (node < _ranks)
            {
                result[node] = here;
                continue;
            }

            Node operands = _nodes[node - _ranks];
            Meet(operands.Left, here);
            Meet(operands.Right, here);
        }

        return result;

        void Meet(int node, int here)
        {
            ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(times, node, out bool met);
            count = Math.Min(most, count + here);
            if (!met)
                pending.Enqueue(node, -node);
        }
    }

    private readonly record struct Node(int Left, int Right);
}
