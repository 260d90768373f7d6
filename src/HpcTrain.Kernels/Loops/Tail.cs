namespace HpcTrain.Kernels.Loops;

/// <summary>Copies of the last few elements, fewer than fill a register, to and from the stack.</summary>
internal static unsafe class Tail
{
    /// <summary>The size of the widest register.</summary>
    public const int MaxRegisterBytes = 64;

    /// <summary>
    /// Copies <paramref name="count"/> elements. Not by Unsafe.CopyBlock: in .NET 10 the compiler does not see that it writes,
    /// and moves a load of the stack buffer out of the loop that fills it again for every source.
    /// </summary>
    public static void Copy<T>(T* source, T* destination, int count) where T : unmanaged =>
        new ReadOnlySpan<T>(source, count).CopyTo(new Span<T>(destination, count));
}
