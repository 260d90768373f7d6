namespace HpcTrain.Training.Optimizers;

/// <summary>
/// An optimizer that steps each layer at a rate of its own, which follows from norms over the whole layer: the larger the parameters compared with their update, the
/// larger the rate. A step has two passes, with the sums of the norms over all ranks between them, since a layer's parts may be stepped by several ranks.
/// </summary>
/// <remarks>
/// Vectors (biases, the scales and shifts of norms) take part without a rate of their own and without weight decay, as in both papers' experiments.
/// </remarks>
public abstract class LayerwiseOptimizer : FlatOptimizer
{
    /// <summary>Whether a parameter of this shape has a rate of its own and decays.</summary>
    public static bool Adapts(IReadOnlyList<long> shape) => shape.Count > 1;

    /// <summary>First pass, before <see cref="FlatOptimizer.StepPart"/> at the layer's rate: turns gradients into the direction of the update, and adds up the squares that the rate needs.</summary>
    /// <param name="values">A part of a layer's parameters.</param>
    /// <param name="gradients">Their averaged gradients; afterwards the direction.</param>
    /// <param name="stateOffset">Where the part begins in the <see cref="FlatOptimizer.State"/>.</param>
    /// <param name="adapts">Whether the layer <see cref="Adapts"/>.</param>
    /// <returns>The squares of this part.</returns>
    public abstract LayerSquares Direct(Span<float> values, Span<float> gradients, int stateOffset, bool adapts);

    /// <summary>What the learning rate of a layer that adapts is multiplied with.</summary>
    /// <param name="squares">Those of the whole layer.</param>
    public abstract double Trust(LayerSquares squares);
}

/// <summary>Sums of squares over a layer, or a part of it.</summary>
/// <param name="Values">Of the parameters.</param>
/// <param name="Updates">Of what the optimizer compares them with.</param>
public readonly record struct LayerSquares(double Values, double Updates)
{
    /// <summary>The squares of two parts together.</summary>
    public static LayerSquares operator +(LayerSquares left, LayerSquares right) => new(left.Values + right.Values, left.Updates + right.Updates);
}
