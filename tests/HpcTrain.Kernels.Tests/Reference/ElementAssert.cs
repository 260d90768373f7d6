namespace HpcTrain.Kernels.Tests.Reference;

/// <summary>Comparisons of whole arrays by bits.</summary>
internal static class ElementAssert
{
    /// <summary>The elements have exactly these bits, and the guards around them are intact.</summary>
    public static void HasBits(GuardedArray actual, ulong[] expected) => Compare(actual, expected, ScalarReduction.Bits);

    /// <summary>The same, with any NaN equal to any other.</summary>
    public static void HasValues(GuardedArray actual, ulong[] expected) => Compare(actual, expected, ScalarCast.Canonical);

    private static void Compare(GuardedArray actual, ulong[] expected, Func<GuardedArray, int, ulong> bits)
    {
        actual.AssertGuardsIntact();
        for (int i = 0; i < expected.Length; i++)
        {
            ulong found = bits(actual, i);
            if (found != expected[i])
                Assert.Fail($"Element {i} of {expected.Length} of {actual.Type.Name()} is {found:x}, expected {expected[i]:x}.");
        }
    }
}
