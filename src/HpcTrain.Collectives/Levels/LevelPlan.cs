using HpcTrain.Collectives.Node;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Levels;

/// <summary>Which memory a step reads or writes.</summary>
internal enum LevelArea
{
    None,

    /// <summary>The call's contribution.</summary>
    Source,

    /// <summary>The call's result.</summary>
    Destination,

    /// <summary>Memory of the operation.</summary>
    Scratch,
}

/// <summary>A place in one of the areas.</summary>
/// <param name="Area">Which.</param>
/// <param name="Offset">Bytes from its beginning.</param>
internal readonly record struct LevelPlace(LevelArea Area, long Offset = 0);

/// <summary>A collective of a node's ranks, or of the ranks of a rail, which is a part of another.</summary>
/// <param name="Stage">When: steps of a stage need nothing of each other.</param>
/// <param name="Call">What, without its memory.</param>
/// <param name="Source">Where the contribution lies.</param>
/// <param name="Destination">Where the result goes.</param>
/// <param name="Node">How the node's engine does it; null for a call on the rail.</param>
internal sealed record LevelStep(int Stage, CollectiveCall Call, LevelPlace Source, LevelPlace Destination, NodePlan? Node)
{
    /// <summary>Whether the call's factor is for this step: it is the one that reads the contribution.</summary>
    public bool IsFirst => Source.Area == LevelArea.Source && Call.Collective.Reduces();

    /// <summary>The elements, from the beginning of the destination, to divide by the number of ranks afterwards; 0 for none.</summary>
    public long Averaged { get; init; }

    /// <summary>What is copied before the step: from the scratch memory, one block after the other, into the destination.</summary>
    public (long From, long Bytes)? CopiedFirst { get; init; }
}

/// <summary>What a rank does in a call that goes through the memory of nodes and by messages between them.</summary>
internal sealed class LevelPlan
{
    // Idea. A rail is the ranks with one position on their nodes: as many rails as a node has ranks, one rank of each node on every rail. What a node's
    // ranks can do for each other goes through their memory, in stages 0 and 2; only what has to cross goes over the rails, in stage 1, and all
    // ranks of a node carry their part of it.
    //   allreduce        short: allreduce of the node, then of each rail, all of it; long: reduce-scatter, allreduce of a rank's part over its rail, allgather
    //   reduce-scatter   of the node, for every node's blocks; then over the rail
    //   allgather        over the rail; then of the node, for every node's blocks
    //   broadcast        over the root's rail; then on every node
    //   reduce           on every node, to the rank of the root's rail; then over that
    //   barrier          of the node, of the rail, of the node
    // Cost for an allreduce of n bytes over N nodes of s ranks: that of the node's engine, and 2 (N-1)/N n/s bytes on each rank's way out.
    // Source: Patarasu and Yuan, "Bandwidth optimal all-reduce algorithms for clusters of workstations", JPDC 2009, section 4; the hierarchies of MVAPICH2
    // and of NCCL work alike.
    public const int Stages = 3;

    private readonly int _rank;
    private readonly int _local;
    private readonly NodeMap _nodes;
    private readonly List<LevelStep> _steps = [];

    private LevelPlan(in CollectiveCall call, NodeMap nodes, int rank, CollectiveOptions railOptions)
    {
        (_nodes, _rank, _local) = (nodes, rank, nodes.LocalRankOf(rank));
        RailOptions = railOptions;
        Call = call;
        Signature = CallSignature.Of(in call);
        Build(in call);
        Steps = [.. _steps.OrderBy(step => step.Stage)];
    }

    /// <summary>The kind of call that this is for.</summary>
    public CollectiveCall Call { get; }

    /// <summary>What the ranks compare.</summary>
    public long Signature { get; }

    /// <summary>The steps of this rank, stage after stage.</summary>
    public LevelStep[] Steps { get; }

    /// <summary>How calls on the rail are made.</summary>
    public CollectiveOptions RailOptions { get; }

    /// <summary>The scratch memory that it takes.</summary>
    public long ScratchBytes { get; private set; }

    /// <summary>Whether a call can be done level by level.</summary>
    /// <param name="call">The call.</param>
    /// <param name="nodes">The nodes; several, of equally many ranks, more than one.</param>
    public static bool Suits(in CollectiveCall call, NodeMap nodes) => call.Collective switch
    {
        // The halves of a sum in two levels would be rounded twice.
        _ when call.Collective.Reduces() && call.Type is ElementType.F16 or ElementType.BF16 => false,
        CollectiveKind.AllReduce or CollectiveKind.Broadcast or CollectiveKind.Reduce or CollectiveKind.Barrier => true,
        CollectiveKind.ReduceScatter or CollectiveKind.AllGather => nodes.IsInOrder,
        _ => false,
    };

    /// <summary>The call that the ranks of a rail make, as far as the choice of its algorithm depends on it.</summary>
    public static CollectiveCall RailCall(in CollectiveCall call, NodeMap nodes)
    {
        bool isSliced = call.Collective == CollectiveKind.AllReduce && !IsShort(in call);
        return call with
        {
            Count = isSliced ? call.Count / nodes.RanksPerNode : call.Count,
            Root = call.Collective.HasRoot() ? nodes.NodeOf(call.Root) : 0,
            Op = Summed(call.Op),
        };
    }

    /// <summary>The name under which a node's ranks do their part.</summary>
    public static string InnerName(in CollectiveCall call) => call.Collective == CollectiveKind.AllReduce && IsShort(in call) ? "one-shot" : "direct";

    public static LevelPlan Of(in CollectiveCall call, NodeMap nodes, int rank, CollectiveOptions railOptions) => new(in call, nodes, rank, railOptions);

    private static bool IsShort(in CollectiveCall call) => call.Count * call.Type.SizeInBytes() <= NodeChoice.MostSlotBytes;

    // The average is taken once, at the end; the factors are used once, at the beginning.
    private static ReduceOp Summed(ReduceOp op) => op is ReduceOp.Avg or ReduceOp.PreMulSum ? ReduceOp.Sum : op;

    private void Build(in CollectiveCall call)
    {
        const int LineBytes = 64, LinesToAlign = 64;
        long count = call.Count;
        int size = call.Type.SizeInBytes(), perNode = _nodes.RanksPerNode;
        int rootNode = call.Collective.HasRoot() ? _nodes.NodeOf(call.Root) : 0, rootLocal = call.Collective.HasRoot() ? _nodes.LocalRankOf(call.Root) : 0;
        bool isRoot = _rank == call.Root, isOnRootsRail = _local == rootLocal;
        var source = new LevelPlace(LevelArea.Source);
        var destination = new LevelPlace(LevelArea.Destination);
        switch (call.Collective)
        {
            case CollectiveKind.AllReduce when IsShort(in call):
                AllReduceWhole(in call, 0, count);
                break;
            case CollectiveKind.AllReduce:
                long line = LineBytes / size, slice = count / perNode;
                if (slice >= line * LinesToAlign)
                    slice -= slice % line;
                LevelPlace own = destination with { Offset = _local * slice * size };
                OnNode(0, CollectiveKind.ReduceScatter, slice, 0, source, own);
                OnRail(1, CollectiveKind.AllReduce, slice, 0, own, own, averaged: slice);
                OnNode(2, CollectiveKind.AllGather, slice, 0, own, destination);
                if (slice * perNode < count)
                    AllReduceWhole(in call, slice * perNode, count - (slice * perNode));
                break;
            case CollectiveKind.ReduceScatter:
                ScratchBytes = _nodes.Nodes * count * size;
                for (int node = 0; node < _nodes.Nodes; node++)
                {
                    OnNode(0, CollectiveKind.ReduceScatter, count, 0, source with { Offset = node * perNode * count * size },
                        new(LevelArea.Scratch, node * count * size));
                }

                OnRail(1, CollectiveKind.ReduceScatter, count, 0, new(LevelArea.Scratch), destination, averaged: count);
                break;
            case CollectiveKind.AllGather:
                ScratchBytes = _nodes.Nodes * count * size;
                OnRail(1, CollectiveKind.AllGather, count, 0, source, new(LevelArea.Scratch));
                for (int node = 0; node < _nodes.Nodes; node++)
                {
                    long first = node * perNode * count * size;
                    OnNode(2, CollectiveKind.AllGather, count, 0, destination with { Offset = first + (_local * count * size) }, destination with { Offset = first },
                        copied: (node * count * size, count * size));
                }

                break;
            case CollectiveKind.Broadcast:
                if (isOnRootsRail)
                    OnRail(1, CollectiveKind.Broadcast, count, rootNode, isRoot ? source : destination, destination);
                OnNode(2, CollectiveKind.Broadcast, count, rootLocal, destination, destination);
                break;
            case CollectiveKind.Reduce:
                // Those who carry the sums of their nodes have no result to put them into.
                ScratchBytes = isOnRootsRail && !isRoot ? count * size : 0;
                LevelPlace sum = isRoot ? destination : isOnRootsRail ? new(LevelArea.Scratch) : default;
                OnNode(0, CollectiveKind.Reduce, count, rootLocal, source, sum);
                if (isOnRootsRail)
                    OnRail(1, CollectiveKind.Reduce, count, rootNode, sum, isRoot ? destination : default, averaged: isRoot ? count : 0);
                break;
            case CollectiveKind.Barrier:
                OnNode(0, CollectiveKind.Barrier, 1, 0, default, default);
                OnRail(1, CollectiveKind.Barrier, 1, 0, default, default);
                OnNode(2, CollectiveKind.Barrier, 1, 0, default, default);
                break;
        }
    }

    /// <summary>Every rank of a node carries all of it, which is one step less.</summary>
    private void AllReduceWhole(in CollectiveCall call, long from, long count)
    {
        long offset = from * call.Type.SizeInBytes();
        var sum = new LevelPlace(LevelArea.Destination, offset);
        OnNode(0, CollectiveKind.AllReduce, count, 0, new(LevelArea.Source, offset), sum);
        OnRail(1, CollectiveKind.AllReduce, count, 0, sum, sum, averaged: count);
    }

    private void OnNode(int stage, CollectiveKind collective, long count, int root, LevelPlace source, LevelPlace destination, (long, long)? copied = null)
    {
        CollectiveCall call = Part(collective, count, root);
        (string algorithm, NodeProtocol protocol) = NodeChoice.Of(in call, null, _nodes.RanksPerNode)!.Value;
        _steps.Add(new(stage, call, source, destination, NodePlan.Of(in call, protocol, algorithm, _local, _nodes.RanksPerNode)) { CopiedFirst = copied });
    }

    private void OnRail(int stage, CollectiveKind collective, long count, int root, LevelPlace source, LevelPlace destination, long averaged = 0) =>
        _steps.Add(new(stage, Part(collective, count, root), source, destination, null) { Averaged = Call.Op == ReduceOp.Avg && collective.Reduces() ? averaged : 0 });

    private CollectiveCall Part(CollectiveKind collective, long count, int root) => collective == CollectiveKind.Barrier
        ? CollectiveCall.Barrier()
        : new() { Collective = collective, Count = count, Type = Call.Type, Op = Summed(Call.Op), Root = root };
}
