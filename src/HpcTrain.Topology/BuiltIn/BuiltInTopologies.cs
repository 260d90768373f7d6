namespace HpcTrain.Topology;

/// <summary>
/// The topologies that need no file, by name and parameters: <c>dgx1v</c>, <c>dgx-a100:boxes=2</c>, <c>fat-tree:k=16</c>, <c>torus:dims=4x4x2,wrap=false</c>.
/// </summary>
public static class BuiltInTopologies
{
    /// <summary>All families: machines first, then networks.</summary>
    public static IReadOnlyList<BuiltInTopology> All { get; } =
    [
        Dgx1.Pascal, Dgx1.Volta, new Dgx2(), new DgxA100(), new Mi250(),
        new Ring(), new FullMesh(), new Torus(), new Hypercube(), new FatTree(), new Dragonfly(),
    ];

    /// <summary>The family of a name or an alias, or null. Case does not matter.</summary>
    public static BuiltInTopology? Find(string name) => All.FirstOrDefault(family =>
        family.Aliases.Prepend(family.Name).Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>Builds a topology.</summary>
    /// <param name="specification">A name and, after a colon, parameters with commas between them; what is not given has its default.</param>
    /// <exception cref="TopologyException">The name, a parameter or a value is not possible; the sentence says what is.</exception>
    public static LinkGraph Create(string specification)
    {
        string[] parts = specification.Split(':', 2);
        BuiltInTopology family = Find(parts[0].Trim())
            ?? throw new TopologyException($"There is no built-in topology '{parts[0].Trim()}'; there are {string.Join(", ", All.Select(family => family.Name))}.");
        return family.Create(new(family, specification, parts.Length == 2 ? parts[1] : ""));
    }
}
