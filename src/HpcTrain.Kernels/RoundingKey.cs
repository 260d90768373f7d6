namespace HpcTrain.Kernels;

/// <summary>
/// Names a stream of random numbers: the i-th is a function of the key and i alone, so that it does not depend on who draws it, in which order, or by
/// which registers (a counter-based generator, as Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011, have it; this one mixes 32 bits
/// twice, which suits roundings, not simulations).
/// </summary>
/// <param name="First">What is mixed in first.</param>
/// <param name="Second">What is mixed in between.</param>
public readonly record struct RoundingKey(uint First, uint Second)
{
    internal const uint FirstFactor = 0x21F0_AAAD, SecondFactor = 0x735A_2D97;

    /// <summary>The key for these numbers, in this order: as a seed, a step, a bucket and a rank.</summary>
    public static RoundingKey Of(params ReadOnlySpan<long> numbers)
    {
        ulong state = 0;
        foreach (long number in numbers) state = Mix(state ^ (ulong)number);
        return new((uint)state, (uint)(state >> 32));
    }

    /// <summary>The i-th number of the stream, uniform over all 32 bits.</summary>
    public uint this[uint i]
    {
        get
        {
            uint x = i + First;
            x = (x ^ (x >> 16)) * FirstFactor;
            x = (x ^ (x >> 15)) + Second;
            x = (x ^ (x >> 16)) * SecondFactor;
            return x ^ (x >> 15);
        }
    }

    // SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
    private static ulong Mix(ulong x)
    {
        x += 0x9E37_79B9_7F4A_7C15;
        x = (x ^ (x >> 30)) * 0xBF58_476D_1CE4_E5B9;
        x = (x ^ (x >> 27)) * 0x94D0_49BB_1331_11EB;
        return x ^ (x >> 31);
    }
}
