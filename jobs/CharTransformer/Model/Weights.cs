using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CharTransformer;

/// <summary>
/// How weights start, as GPT-2's do: small, so that all characters are about equally likely at first, and smaller still where a
/// block adds to what passes it, so that the sum over all blocks does not grow with their number.
/// </summary>
internal static class Weights
{
    private const double Deviation = 0.02;

    /// <summary>A fully connected layer.</summary>
    public static TorchSharp.Modules.Linear Linear(long inputs, long outputs, double scale = 1)
    {
        var layer = nn.Linear(inputs, outputs);
        init.normal_(layer.weight, 0, Deviation * scale);
        init.zeros_(layer.bias!);
        return layer;
    }

    /// <summary>A table of vectors.</summary>
    public static TorchSharp.Modules.Embedding Embedding(long rows, long width)
    {
        var table = nn.Embedding(rows, width);
        init.normal_(table.weight!, 0, Deviation);
        return table;
    }

    /// <summary>The scale of a layer whose output is added to what passes a block; every block has two of them.</summary>
    public static double ResidualScale(int blocks) => 1 / Math.Sqrt(2 * blocks);
}
