using System.Collections.Immutable;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>A child in a tree over positions.</summary>
/// <param name="Position">Where it is.</param>
/// <param name="Span">The positions of its subtree where these are its own and the next ones; otherwise 0.</param>
/// <param name="Lane">The parent's lane to it: children on one lane are served one after the other.</param>
internal readonly record struct TreeChild(int Position, int Span, int Lane);

/// <summary>One node of a tree over positions 0 to n-1.</summary>
/// <param name="Parent">Its parent's position, or -1.</param>
/// <param name="Span">The positions of its subtree where these are its own and the next ones; otherwise 0.</param>
/// <param name="Children">Its children in the order in which something is sent to them.</param>
internal sealed record TreeNode(int Parent, int Span, ImmutableArray<TreeChild> Children)
{
    // Shapes.
    // k-nomial: write positions in base k. A node's parent has its lowest digit that is not 0 cleared, so its children differ from it in one lower
    // digit, and subtrees are runs of positions. The root reaches all in as many rounds as positions have digits: each round serves k-1 children
    // for each node that has been reached, first those with the largest subtrees. Radix 2 is the binomial tree; radix n is a star.
    // Chain: each position is the only child of the one before.
    // In order: a binary tree whose nodes, read from left to right, are the positions. Counted from 1, the leaves are the odd ones, and a node with
    // lowest bit b has its children b/2 to the left and, where there are so many, to the right.

    /// <summary>The radix of k-nomial algorithms: the smallest that differs from the binomial tree by a factor of two in rounds.</summary>
    public const int WideRadix = 4;

    /// <summary>The lanes that lead to the children.</summary>
    public int LaneCount => Children.IsEmpty ? 0 : Children.Max(child => child.Lane) + 1;

    /// <summary>A node of the tree that grows k-fold in each round.</summary>
    public static TreeNode KNomial(int position, int count, int radix)
    {
        int place = 1;
        while (place < count && position / place % radix == 0)
            place = checked(place * radix);
        var children = ImmutableArray.CreateBuilder<TreeChild>();
        for (int step = place / radix; step > 0; step /= radix)
        {
            for (int digit = 1; digit < radix && position + (digit * step) < count; digit++)
            {
                int child = position + (digit * step);
                children.Add(new(child, Math.Min(step, count - child), digit - 1));
            }
        }

        int parent = position == 0 ? -1 : position - (position / place % radix * place);
        return new(parent, position == 0 ? count : Math.Min(place, count - position), children.ToImmutable());
    }

    /// <summary>The messages that the root of such a tree of radix <see cref="WideRadix"/> sends, at most.</summary>
    public static int WideMessages(int count) => (WideRadix - 1) * Logarithm.Ceiling(count, WideRadix);

    /// <summary>A node of the star: position 0 is everybody's parent.</summary>
    public static TreeNode Star(int position, int count) => KNomial(position, count, Math.Max(2, count));

    /// <summary>A link of the chain.</summary>
    public static TreeNode Chain(int position, int count) =>
        new(position - 1, count - position, position + 1 < count ? [new(position + 1, count - position - 1, 0)] : []);

    /// <summary>A node of the binary tree in order.</summary>
    public static TreeNode InOrder(int position, int count)
    {
        int number = position + 1;
        int low = number & -number;
        int above = (number ^ low) | (low << 1);
        int parent = above <= count ? above : number ^ low;

        var children = ImmutableArray.CreateBuilder<TreeChild>();
        if (low > 1)
            children.Add(new(number - (low / 2) - 1, 0, 0));
        int right = low / 2;
        while (right > 0 && number + right > count)
            right /= 2;
        if (right > 0)
            children.Add(new(number + right - 1, 0, 1));
        return new(parent - 1, 0, children.ToImmutable());
    }
}
