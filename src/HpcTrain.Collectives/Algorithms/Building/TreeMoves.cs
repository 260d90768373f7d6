namespace HpcTrain.Collectives.Algorithms;

/// <summary>What a node of a tree does when chunks go up or down it.</summary>
internal static class TreeMoves
{
    /// <summary>Chunks come down from the parent and go on to the children.</summary>
    public static void Broadcast(ProgramWriter program, TreeNode node, Func<int, int> rankAt, ChunkRange chunks, int channel = 0)
    {
        if (node.Parent >= 0)
            program.Lane(channel).Recv(rankAt(node.Parent), chunks);
        var lanes = new LaneWriter?[node.LaneCount];
        foreach (TreeChild child in node.Children)
            (lanes[child.Lane] ??= program.Lane(channel)).Send(rankAt(child.Position), chunks);
    }

    /// <summary>Chunks come up from the children, smallest subtree first, are reduced, and go on to the parent.</summary>
    public static void Reduce(ProgramWriter program, TreeNode node, Func<int, int> rankAt, ChunkRange chunks, int channel = 0)
    {
        var lanes = new LaneWriter?[node.LaneCount];
        for (int i = node.Children.Length - 1; i >= 0; i--)
            (lanes[node.Children[i].Lane] ??= program.Lane(channel)).RecvReduce(rankAt(node.Children[i].Position), chunks);
        if (node.Parent >= 0)
            program.Lane(channel).Send(rankAt(node.Parent), chunks);
    }

    /// <summary>The blocks of a subtree come down from the parent; each child gets those of its own subtree.</summary>
    /// <param name="program">The rank's program.</param>
    /// <param name="node">Its node, in a tree whose subtrees are runs of positions.</param>
    /// <param name="position">The node's position.</param>
    /// <param name="order">Which rank is where. There is a block for each rank.</param>
    /// <param name="blockAt">The block of a position; it goes up by one with the position, round the end.</param>
    public static void Scatter(ProgramWriter program, TreeNode node, int position, RootedOrder order, Func<int, int> blockAt)
    {
        if (node.Parent >= 0)
            new CircularLanes(program, order.Ranks).Recv(order.RankAt(node.Parent), blockAt(position), node.Span);
        var lanes = new CircularLanes?[node.LaneCount];
        foreach (TreeChild child in node.Children)
            (lanes[child.Lane] ??= new(program, order.Ranks)).Send(order.RankAt(child.Position), blockAt(child.Position), child.Span);
    }

    /// <summary>The blocks of the children's subtrees come up, smallest first, and go on to the parent together with the own block.</summary>
    /// <param name="program">The rank's program.</param>
    /// <param name="node">Its node, in a tree whose subtrees are runs of positions.</param>
    /// <param name="position">The node's position.</param>
    /// <param name="order">Which rank is where. There is a block for each rank.</param>
    /// <param name="blockAt">The block of a position; it goes up by one with the position, round the end.</param>
    public static void Gather(ProgramWriter program, TreeNode node, int position, RootedOrder order, Func<int, int> blockAt)
    {
        var lanes = new CircularLanes?[node.LaneCount];
        for (int i = node.Children.Length - 1; i >= 0; i--)
        {
            TreeChild child = node.Children[i];
            (lanes[child.Lane] ??= new(program, order.Ranks)).Recv(order.RankAt(child.Position), blockAt(child.Position), child.Span);
        }

        if (node.Parent >= 0)
            new CircularLanes(program, order.Ranks).Send(order.RankAt(node.Parent), blockAt(position), node.Span);
    }
}
