namespace HpcTrain.Collectives.Node;

/// <summary>What a node's engine has to know of a call besides its addresses: worked out once for calls of a kind.</summary>
/// <param name="Protocol">How the ranks exchange data.</param>
/// <param name="Algorithm">What it is called in results.</param>
/// <param name="Traits">What this rank does.</param>
/// <param name="Signature">What the ranks compare.</param>
internal sealed record NodePlan(NodeProtocol Protocol, string Algorithm, CallTraits Traits, long Signature)
{
    public static NodePlan Of(in CollectiveCall call, NodeProtocol protocol, string algorithm, int rank, int ranks) =>
        new(protocol, algorithm, CallTraits.Of(in call, rank, ranks), CallSignature.Of(in call));
}
