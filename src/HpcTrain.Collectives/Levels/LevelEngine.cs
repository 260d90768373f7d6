using HpcTrain.Collectives.Node;

namespace HpcTrain.Collectives.Levels;

/// <summary>What collectives over several nodes are made with where the ranks of a node share memory: two engines of the node, and the rank's rail.</summary>
internal sealed class LevelEngine : IDisposable
{
    // Idea. The ranks of a node, and those of a rail, have to make their calls in one order, though operations that are under way at a time may come to a
    // stage at different times on different ranks. So every stage has its own group of ranks to call on (an engine of the node for the first and one for
    // the last), and an operation begins a stage only when the one before it has begun all of that stage. Operations still overlap: one is on
    // the rail while the next is on the node.
    private readonly NodeEngine _first;
    private readonly NodeEngine _last;
    private readonly long[] _begun = new long[LevelPlan.Stages];
    private long _called;

    /// <summary>A collective call.</summary>
    /// <param name="transport">The transport of all ranks; it stays the caller's, and so does the memory of its node.</param>
    /// <param name="rail">The transport of the ranks with this rank's position on their nodes, in the order of nodes; owned from now on.</param>
    /// <param name="options">Those of the communicator of all ranks.</param>
    public LevelEngine(Transport transport, Transport rail, CommunicatorOptions options)
    {
        Nodes = transport.Nodes!;
        Rank = transport.Rank;
        _first = new(transport.NodeMemory!, transport.HasOwnCores);
        _last = new(transport.NodeMemory!, transport.HasOwnCores);
        Rail = new(rail, options with { Checked = false, ProbeCosts = false, Rules = null });
        RailRanks = [.. Nodes.Members.Select(members => members[Nodes.LocalRankOf(Rank)])];
        MessagePath = rail.Name;
    }

    public NodeMap Nodes { get; }

    public int Rank { get; }

    /// <summary>The ranks with this rank's position on their nodes.</summary>
    public CollectiveCommunicator Rail { get; }

    /// <summary>Their numbers among all ranks.</summary>
    public IReadOnlyList<int> RailRanks { get; }

    /// <summary>What messages travel by.</summary>
    public string MessagePath { get; }

    /// <summary>The engine of the node for a stage.</summary>
    public NodeEngine NodeOf(int stage) => stage == 0 ? _first : _last;

    /// <summary>Gives an operation its number.</summary>
    public long Enter() => ++_called;

    /// <summary>Whether it is an operation's turn to begin a stage.</summary>
    public bool MayBegin(int stage, long number) => _begun[stage] == number - 1;

    /// <summary>Says that an operation has begun all of a stage.</summary>
    public void HasBegun(int stage, long number) => _begun[stage] = number;

    public void Dispose()
    {
        Rail.Dispose();
        _first.Dispose();
        _last.Dispose();
    }
}
