namespace HpcTrain.Topology;

/// <summary>A family of topologies that needs no file.</summary>
public abstract class BuiltInTopology
{
    /// <summary>What it is called.</summary>
    public abstract string Name { get; }

    /// <summary>Other names that are understood.</summary>
    public virtual IReadOnlyList<string> Aliases => [];

    /// <summary>What it is, in one sentence.</summary>
    public abstract string Description { get; }

    /// <summary>What can be chosen.</summary>
    public abstract IReadOnlyList<TopologyParameter> Parameters { get; }

    /// <summary>One to try: <c>fat-tree:k=4</c>.</summary>
    public virtual string Example => Parameters.Count == 0 ? Name : $"{Name}:{Parameters[0].Name}={Parameters[0].Default}";

    /// <summary>Builds one.</summary>
    /// <exception cref="TopologyException">A value is not possible.</exception>
    internal abstract LinkGraph Create(TopologyArguments arguments);
}

/// <summary>What can be chosen of a built-in topology.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Default">What it is if nobody chooses.</param>
/// <param name="Description">What it means, with the unit.</param>
public sealed record TopologyParameter(string Name, string Default, string Description);
