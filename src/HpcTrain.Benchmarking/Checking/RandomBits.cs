using System.Runtime.CompilerServices;

namespace HpcTrain.Benchmarking.Checking;

/// <summary>
/// The contributions of all ranks as a function: 64 random bits for a rank and an element, so that every rank can compute what every other one
/// contributed. SplitMix64, whose stream of a rank starts at a point of its own.
/// </summary>
/// <param name="seed">The user's seed.</param>
/// <param name="round">Which data: each check has other ones, so that what an earlier call left behind is wrong.</param>
internal readonly struct RandomBits(ulong seed, ulong round)
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private readonly ulong _key = Mix(Mix(seed + Golden) + round);

    /// <summary>Where a rank's stream starts.</summary>
    public ulong StreamOf(int rank) => Mix(_key + (((ulong)(uint)rank + 1) * Golden));

    /// <summary>The bits of one element of a stream.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong At(ulong stream, long index) => Mix(stream + ((ulong)index * Golden));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
