using System.Numerics;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Two binary trees over the same positions, built so that no position has children in both.</summary>
internal static class DoubleTree
{
    // Idea. In the binary tree in order, half the positions are leaves. The second tree is the first seen in a mirror when the count is even, and
    // the first moved on by one place when it is odd; either makes leaves of inner nodes. When each tree carries half of the data, an inner node
    // sends its half twice, so no rank sends more than the whole buffer down, nor more than the whole buffer up.
    // Source: Sanders, Speck and Traeff, "Two-tree algorithms for full bandwidth broadcast, reduction and scan", Parallel Computing 35 (2009).

    /// <summary>A node of one of the two trees, 0 or 1, over all positions.</summary>
    public static TreeNode Node(int tree, int position, int count) =>
        Moved(TreeNode.InOrder(PlaceOf(tree, position, count), count), place => PositionAt(tree, place, count));

    /// <summary>The same over positions 1 to <paramref name="count"/> - 1, with position 0 above the tops of both trees.</summary>
    public static TreeNode NodeBelowRoot(int tree, int position, int count)
    {
        int below = count - 1;
        if (position == 0)
        {
            int top = PositionAt(tree, (1 << BitOperations.Log2((uint)below)) - 1, below);
            return new(-1, 0, [new(top + 1, 0, 0)]);
        }

        TreeNode node = Moved(Node(tree, position - 1, below), place => place + 1);
        return node.Parent < 0 ? node with { Parent = 0 } : node;
    }

    private static int PlaceOf(int tree, int position, int count) =>
        tree == 0 ? position : count % 2 == 0 ? count - 1 - position : (position + 1) % count;

    private static int PositionAt(int tree, int place, int count) =>
        tree == 0 ? place : count % 2 == 0 ? count - 1 - place : (place + count - 1) % count;

    private static TreeNode Moved(TreeNode node, Func<int, int> to) =>
        new(node.Parent < 0 ? -1 : to(node.Parent), 0, [.. node.Children.Select(child => child with { Position = to(child.Position) })]);
}
