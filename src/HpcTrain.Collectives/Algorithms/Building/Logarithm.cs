namespace HpcTrain.Collectives.Algorithms;

/// <summary>Logarithms in whole numbers.</summary>
internal static class Logarithm
{
    /// <summary>The smallest k for which radix^k is at least the number: the rounds in which one rank reaches so many.</summary>
    public static int Ceiling(int number, int radix = 2)
    {
        int rounds = 0;
        for (long reached = 1; reached < number; reached *= radix)
            rounds++;
        return rounds;
    }
}
