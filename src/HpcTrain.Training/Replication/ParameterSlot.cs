namespace HpcTrain.Training.Replication;

/// <summary>Where one parameter lies in the flat buffers.</summary>
/// <param name="Name">The parameter's name in the module tree, as "conv1.weight".</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Offset">Its first element in the flat buffers.</param>
/// <param name="Count">Its number of elements.</param>
public sealed record ParameterSlot(string Name, IReadOnlyList<long> Shape, int Offset, int Count)
{
    /// <summary>The shape as "[64, 1, 3, 3]".</summary>
    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}
