namespace HpcTrain.Topology;

/// <summary>An undirected edge between two ranks, the lesser first.</summary>
internal readonly record struct Edge(int A, int B)
{
    /// <summary>Whether both of its ends are in a set.</summary>
    public bool IsWithin(bool[] set) => set[A] && set[B];
}
