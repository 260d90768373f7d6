using ILGPU;

namespace HpcTrain.Kernels.Gpu.Loops;

/// <summary>The operands of a fold behind the first, as a kernel takes them: by value, because a kernel cannot take a list.</summary>
internal struct SourceViews
{
    public const int Max = 15;

    public ArrayView<byte> S0, S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S14;

    /// <summary>Up to <see cref="Max"/> views; the places behind them hold <paramref name="filler"/>, which is never read.</summary>
    public static SourceViews Of(ReadOnlySpan<ArrayView<byte>> views, ArrayView<byte> filler) => new()
    {
        S0 = At(views, 0, filler),
        S1 = At(views, 1, filler),
        S2 = At(views, 2, filler),
        S3 = At(views, 3, filler),
        S4 = At(views, 4, filler),
        S5 = At(views, 5, filler),
        S6 = At(views, 6, filler),
        S7 = At(views, 7, filler),
        S8 = At(views, 8, filler),
        S9 = At(views, 9, filler),
        S10 = At(views, 10, filler),
        S11 = At(views, 11, filler),
        S12 = At(views, 12, filler),
        S13 = At(views, 13, filler),
        S14 = At(views, 14, filler),
    };

    private static ArrayView<byte> At(ReadOnlySpan<ArrayView<byte>> views, int index, ArrayView<byte> filler) =>
        index < views.Length ? views[index] : filler;
}
