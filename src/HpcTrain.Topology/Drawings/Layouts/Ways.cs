namespace HpcTrain.Topology.Drawings;

/// <summary>Shortest ways over lines.</summary>
internal static class Ways
{
    /// <summary>The number of lines to each node from the nearest start; <see cref="int.MaxValue"/> where none leads.</summary>
    public static int[] Lengths(Sketch sketch, params IEnumerable<int> starts)
    {
        int[] length = Enumerable.Repeat(int.MaxValue, sketch.Count).ToArray();
        var open = new Queue<int>(starts);
        foreach (int start in open)
            length[start] = 0;
        while (open.TryDequeue(out int node))
        {
            foreach (int next in sketch.Neighbours(node).Where(next => length[next] == int.MaxValue))
            {
                length[next] = length[node] + 1;
                open.Enqueue(next);
            }
        }

        return length;
    }
}
