namespace HpcTrain.Data.Loading;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014), one stream per key. The key is folded
/// in word by word through the finaliser, so that streams of neighbouring seeds, epochs and windows have nothing in common. The
/// sample order of every training run rests on these numbers: they never change (golden values in the tests).
/// </summary>
internal struct SplitMix64
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong state;

    /// <summary>The stream of (seed, epoch, part); part 0 orders the whole, part 1 + w orders window w.</summary>
    public SplitMix64(ulong seed, long epoch, long part) =>
        state = Mix(Mix(Mix(seed + Golden) + (ulong)epoch + Golden) + (ulong)part + Golden);

    public ulong Next() => Mix(state += Golden);

    /// <summary>
    /// A number below <paramref name="bound"/>, each equally likely (Lemire, Fast random integer generation in an interval,
    /// 2019): the high word of a 64 x 64 bit product, drawn again in the few cases that would favour some values.
    /// </summary>
    public ulong Below(ulong bound)
    {
        var high = Math.BigMul(Next(), bound, out var low);
        if (low < bound)
        {
            var threshold = (0 - bound) % bound;
            while (low < threshold)
                high = Math.BigMul(Next(), bound, out low);
        }
        return high;
    }

    /// <summary>Puts the values in a random order, each of the n! equally likely (Fisher and Yates, from the end).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var last = values.Length - 1; last > 0; last--)
        {
            var other = (int)Below((ulong)last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
