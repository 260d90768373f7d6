using System.Globalization;

namespace HpcTrain.Topology;

/// <summary>What the families of GPU machines share.</summary>
internal static class GpuBox
{
    public static TopologyParameter Boxes { get; } = new("boxes", "1", "number of machines");

    /// <summary>The name of a part of a machine: <c>gpu3</c>, or <c>box1.gpu3</c> where there are several.</summary>
    public static string Named(int boxes, int box, string part) => boxes == 1 ? part : $"box{box}.{part}";

    /// <summary>Links GPUs directly.</summary>
    /// <param name="graph">Where.</param>
    /// <param name="gpus">The GPUs by their number in the machine.</param>
    /// <param name="pairs">Pairs with a number of links: <c>0-1:2 0-2:1</c>.</param>
    /// <param name="each">What one link carries.</param>
    /// <param name="label">What a bundle of links is called; <c>#</c> stands for their number.</param>
    /// <param name="latencySeconds">The latency of each.</param>
    public static void ConnectPairs(GraphAssembly graph, int[] gpus, string pairs, Rational each, string label, double latencySeconds)
    {
        foreach (string pair in pairs.Split(' '))
        {
            int[] numbers = [.. pair.Split('-', ':').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
            graph.Connect(gpus[numbers[0]], gpus[numbers[1]], each * numbers[2], label.Replace("#", $"{numbers[2]}", StringComparison.Ordinal), latencySeconds);
        }
    }
}
