namespace HpcTrain.Training.Reduction;

/// <summary>
/// Finds the k largest magnitudes exactly, in four passes over n elements, whatever their distribution. Magnitudes order as their bits do, so the bits of the
/// k-th are found from the upper end: a histogram of the first 11 bits tells which bin it is in and how many are above, one of the next 10 among
/// those refines it, and one of the last 10 ends it (a radix selection). Infinity is above all numbers, NaN above infinity. Of equal magnitudes those
/// at lower indices are taken.
/// </summary>
internal sealed class TopSelection
{
    private const uint Magnitude = 0x7FFF_FFFF;
    private const int TopBits = 11, MiddleBits = 10, LowBits = 10;
    private readonly int[] _histogram = new int[1 << TopBits];

    /// <summary>Writes the indices of the <c>indices.Length</c> elements with the largest magnitudes, in ascending order.</summary>
    public void Select(ReadOnlySpan<float> values, Span<uint> indices)
    {
        var wanted = indices.Length;
        if (wanted == 0)
        {
            return;
        }

        var threshold = Refine(values, 0, MiddleBits + LowBits, TopBits, ref wanted);
        threshold = Refine(values, threshold, LowBits, MiddleBits, ref wanted);
        threshold = Refine(values, threshold, 0, LowBits, ref wanted);
        var found = 0;
        for (var i = 0; found < indices.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(values[i]) & Magnitude;
            if (bits > threshold || (bits == threshold && wanted-- > 0))
            {
                indices[found++] = (uint)i;
            }
        }
    }

    // The upper bits of the k-th magnitude: those that prefix has, and the next ones down to shift. Then wanted tells how many to take of those that have them.
    private uint Refine(ReadOnlySpan<float> values, uint prefix, int shift, int bits, ref int wanted)
    {
        var bins = _histogram.AsSpan(0, 1 << bits);
        bins.Clear();
        var above = shift + bits;
        foreach (var value in values)
        {
            var magnitude = BitConverter.SingleToUInt32Bits(value) & Magnitude;
            if (magnitude >> above == prefix >> above)
            {
                bins[(int)(magnitude >> shift) & (bins.Length - 1)]++;
            }
        }

        var bin = bins.Length - 1;
        for (; bins[bin] < wanted; bin--)
        {
            wanted -= bins[bin];
        }

        return prefix | ((uint)bin << shift);
    }
}
