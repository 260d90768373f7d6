namespace HpcTrain.Drawing;

/// <summary>A place on an axis with a label.</summary>
internal readonly record struct Tick(double Value, string Label);

/// <summary>Ticks for an axis, and the range that goes with them.</summary>
/// <param name="Low">Where the axis begins.</param>
/// <param name="High">Where it ends; above <paramref name="Low"/>.</param>
/// <param name="Ticks">Labelled places from <paramref name="Low"/> to <paramref name="High"/>, ascending.</param>
/// <param name="Between">Places without label that show how the scale runs.</param>
internal sealed record TickSet(double Low, double High, IReadOnlyList<Tick> Ticks, IReadOnlyList<double> Between);
