using System.Collections.Immutable;

namespace HpcTrain.Topology;

/// <summary>Links between devices and those of the host at the same time (Blink, section 3.4): each has its own trees, and its part of the buffer.</summary>
/// <remarks>
/// At rates N and P both end together if D_pcie / P + T = (D - D_pcie) / N, where T is what it costs to begin with the host's links too:
/// D_pcie = (D P - T P N) / (P + N), or nothing where that is negative. Trees share a buffer by their weights, so those of the host are given the weight, at most P,
/// that makes this their share: the rate of the plan then is D by the time that it takes, the switching included.
/// </remarks>
internal static class HybridSplit
{
    /// <summary>The part of the buffer for the host's links.</summary>
    /// <param name="device">The rate over the links between devices, N.</param>
    /// <param name="host">The rate over the host's links, P.</param>
    /// <param name="bytes">D, in bytes, or null if it is so large that switching does not matter.</param>
    /// <param name="switchSeconds">T.</param>
    public static Rational HostShare(Rational device, Rational host, long? bytes, double switchSeconds)
    {
        Rational lost = bytes is { } size && switchSeconds > 0 ? FromSeconds(switchSeconds) * 1_000_000_000 * device / size : Rational.Zero;
        return Rational.Max(Rational.Zero, (Rational.One - lost) * host / (host + device));
    }

    /// <summary>The two plans as one.</summary>
    /// <param name="device">The plan over the links between devices.</param>
    /// <param name="host">The plan over the host's.</param>
    /// <param name="options">The size of the buffer, and what switching costs.</param>
    public static LinkPlan Join(LinkPlan device, LinkPlan host, PlanOptions options)
    {
        Rational share = HostShare(device.Rate, host.Rate, options.Bytes, options.SwitchSeconds);
        Rational scale = device.Rate * share / (Rational.One - share) / host.Rate;
        ImmutableArray<PlanTree> more = share.Sign == 0 ? [] : [.. host.Trees.Select(tree => tree with { Weight = tree.Weight * scale })];
        Rational optimum = device.Optimum + host.Optimum;
        ImmutableArray<MethodOptimum> methods =
        [
            .. device.Comparison!.Methods,
            .. host.Comparison!.Methods.Select(method => method with { Method = $"host {method.Method}" }),
            new(PlanMethods.Hybrid, optimum),
        ];
        return device with { Method = PlanMethods.Hybrid, Optimum = optimum, Trees = [.. device.Trees, .. more], Comparison = new(methods) };
    }

    private static Rational FromSeconds(double seconds) => Rational.TryParse(seconds.ToString("R", System.Globalization.CultureInfo.InvariantCulture), out Rational exact)
        ? exact : throw new TopologyException($"Switching cannot take {seconds} s; it needs to be 0 or more.");
}
