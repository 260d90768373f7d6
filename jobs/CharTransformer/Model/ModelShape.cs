namespace CharTransformer;

/// <summary>What a model is made of.</summary>
/// <param name="Symbols">Ids of the vocabulary.</param>
/// <param name="Context">The most characters that the model sees at once.</param>
/// <param name="Layers">Blocks.</param>
/// <param name="Width">Numbers per character between the layers, a multiple of <paramref name="Heads"/>.</param>
/// <param name="Heads">Attention heads of a block.</param>
/// <param name="Dropout">Share of units left out in training.</param>
internal sealed record ModelShape(int Symbols, int Context, int Layers, int Width, int Heads, double Dropout = 0);
