using System.Globalization;
using HpcTrain.Collectives;
using HpcTrain.Mpi;

namespace HpcTrain.Training.Servers;

/// <summary>How far ranks that train by parameter servers may be apart.</summary>
public abstract record ServerForm
{
    /// <summary>What options call it, as "ssp:3".</summary>
    public abstract string Name { get; }

    /// <summary>The ranks that share a copy of the parameters, and serve it to each other: which ranks are together, in groups of equal size.</summary>
    /// <param name="ranks">Ranks of the job.</param>
    internal virtual NodeMap Groups(int ranks) => NodeMap.Single(ranks);
}

/// <summary>Each rank's push is a step of its own.</summary>
/// <param name="Staleness">The most steps by which a rank may be ahead of the slowest; null: any. 0: ranks step together, and their gradients are added up first.</param>
public sealed record StaleForm(long? Staleness) : ServerForm
{
    /// <inheritdoc/>
    public override string Name => Staleness is { } steps ? string.Create(CultureInfo.InvariantCulture, $"ssp:{steps}") : "async";
}

/// <summary>Asynchronous inside super nodes, synchronous between them, see <see cref="SuperNodeShard"/>.</summary>
/// <param name="SuperNodes">Which ranks are together.</param>
public sealed record HybridForm(NodeMap SuperNodes) : ServerForm
{
    /// <inheritdoc/>
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"hybrid:{SuperNodes.RanksPerNode}");

    /// <summary>Super nodes of neighbouring ranks, or the nodes of the machine; a collective call.</summary>
    /// <param name="communicator">The ranks.</param>
    /// <param name="size">Ranks of a super node; null: those of a node.</param>
    /// <exception cref="TrainingException">They are not all of one size.</exception>
    public static HybridForm Of(Intracommunicator communicator, int? size)
    {
        if (size is { } ranks)
        {
            return communicator.Size % ranks == 0 ? new(NodeMap.Blocks(communicator.Size, ranks)) : throw new TrainingException(string.Create(CultureInfo.InvariantCulture,
                $"--parallel hybrid:{ranks} does not divide the {communicator.Size} ranks into super nodes of one size: give a divisor of {communicator.Size}."));
        }

        using var node = communicator.SplitShared();
        var nodes = new NodeMap(communicator.AllGather(node.AllGather(communicator.Rank)[0]));
        return nodes.RanksPerNode > 0 ? new(nodes) : throw new TrainingException(string.Create(CultureInfo.InvariantCulture,
            $"--parallel hybrid takes nodes for super nodes, and these have {string.Join(", ", nodes.Members.Select(m => m.Length).Distinct())} ranks: start as many on each, or give a divisor of {communicator.Size} as hybrid:GROUP_SIZE."));
    }

    /// <inheritdoc/>
    internal override NodeMap Groups(int ranks) => SuperNodes.Ranks == ranks
        ? SuperNodes : throw new TrainingException($"the super nodes have {SuperNodes.Ranks} ranks, and the job has {ranks}: make them for its ranks.");
}
