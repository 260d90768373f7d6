using System.Collections.Immutable;
using HpcTrain.Topology;

namespace HpcTrain.Collectives.Plans;

/// <summary>A message of a plan: what a tree carries over one of its edges.</summary>
/// <param name="Tree">The tree, and its chunk.</param>
/// <param name="IsUp">Whether partial sums go toward the root; otherwise the result, or what is gathered, comes from it.</param>
/// <param name="Edge">From which rank to which, and how.</param>
/// <param name="Channel">The channel of its lanes.</param>
internal readonly record struct PlanMessage(int Tree, bool IsUp, TreeEdge Edge, int Channel);

/// <summary>All messages of a plan, in an order in which they could be sent one after the other, with their channels.</summary>
internal sealed class PlanMessages
{
    // Order. All messages up come before all messages down. Up they are ordered by the height of the subtree that sends, down by the depth of the rank that receives, and
    // where these are the same by the tree. A message waits only for messages of its tree that are nearer to where data come from, and these come before it. So lanes
    // that keep this order, however trees share them, never wait in a circle; and a lane has its messages about when they are ready.
    //
    // Channels. Trees that share a lane hold each other up, so each tree has its own channel as long as there are enough; where a tree uses a link up and down in the same
    // direction, as a reduce-scatter and an allgather may, it has two. Of more trees, those that go from one rank to another take that pair's channels in turn. Both ends
    // count alike, and different ways through switches between the two have different channels, so that (from, to, channel) tells the way.
    private readonly PlanMessage[] _messages;
    private readonly Lazy<int[][]> _ofRank;

    /// <summary>Checks the trees, and puts their messages in order.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="trees">Its trees in the order of their chunks.</param>
    /// <exception cref="ScheduleException">A tree is none, or lacks a direction; there are more ways from a rank to another than channels.</exception>
    public PlanMessages(LinkPlan plan, ImmutableArray<PlanTree> trees)
    {
        Trees = trees;
        Ranks = plan.Graph.Ranks;
        PlanTreeCheck.Run(plan);
        var levels = new List<List<PlanMessage>>[] { [], [] };
        var level = new int[Ranks];
        for (int t = 0; t < trees.Length; t++)
        {
            Array.Clear(level);
            foreach (TreeEdge edge in trees[t].In.Reverse())
            {
                Add(levels[0], level[edge.From], new(t, true, edge, 0));
                level[edge.To] = Math.Max(level[edge.To], level[edge.From] + 1);
            }

            level[trees[t].Root] = 0;
            foreach (TreeEdge edge in trees[t].Out)
                Add(levels[1], level[edge.To] = level[edge.From] + 1, new(t, false, edge, 0));
        }

        _messages = [.. levels.SelectMany(phase => phase).SelectMany(messages => messages)];
        SetChannels();
        _ofRank = new(SortByRank);
    }

    /// <summary>The trees in the order of their chunks.</summary>
    public ImmutableArray<PlanTree> Trees { get; }

    /// <summary>The number of ranks.</summary>
    public int Ranks { get; }

    /// <summary>All messages in order.</summary>
    public IReadOnlyList<PlanMessage> All => _messages;

    /// <summary>What a rank sends and receives, in order.</summary>
    public IEnumerable<PlanMessage> Of(int rank) => _ofRank.Value[rank].Select(message => _messages[message]);

    private static void Add(List<List<PlanMessage>> levels, int level, PlanMessage message)
    {
        while (levels.Count <= level)
            levels.Add([]);
        levels[level].Add(message);
    }

    private void SetChannels()
    {
        bool hasBoth = _messages.Length > 0 && _messages[0].IsUp && !_messages[^1].IsUp;
        int stride = hasBoth && (Trees.Length > Schedule.MaxChannels || Trees.Any(UsesALinkTwice)) ? 2 : 1;
        int most = Schedule.MaxChannels / stride;
        PairChannels? pairs = Trees.Length > most ? new(_messages, Ranks, most) : null;
        foreach (ref PlanMessage message in _messages.AsSpan())
        {
            int channel = pairs?.Next(in message) ?? message.Tree;
            message = message with { Channel = (channel * stride) + (stride == 2 && !message.IsUp ? 1 : 0) };
        }
    }

    private static bool UsesALinkTwice(PlanTree tree)
    {
        HashSet<(int, int)> up = [.. tree.In.Select(edge => (edge.From, edge.To))];
        return tree.Out.Any(edge => up.Contains((edge.From, edge.To)));
    }

    private int[][] SortByRank()
    {
        var counts = new int[Ranks];
        foreach (PlanMessage message in _messages)
        {
            counts[message.Edge.From]++;
            counts[message.Edge.To]++;
        }

        int[][] ofRank = [.. counts.Select(count => new int[count])];
        Array.Clear(counts);
        for (int m = 0; m < _messages.Length; m++)
        {
            TreeEdge edge = _messages[m].Edge;
            ofRank[edge.From][counts[edge.From]++] = m;
            ofRank[edge.To][counts[edge.To]++] = m;
        }

        return ofRank;
    }
}
