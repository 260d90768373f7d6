using HpcTrain.Kernels.Tests;

namespace HpcTrain.Kernels.Gpu.Tests.Families;

/// <summary>
/// The block of a family, filled with a pattern, in which a test lays out its arrays, each some elements behind the one before. What the block
/// has to hold is kept beside it, so that a byte written where none belongs is found anywhere.
/// </summary>
internal sealed class Arena(IKernelFamily family)
{
    private const byte Pattern = 0xA5;
    private const int GapElements = 3;
    private readonly byte[] _expected = new byte[IKernelFamily.BlockBytes];
    private int _end;

    /// <summary>Forgets all arrays, and fills what they took with the pattern.</summary>
    public void Clear()
    {
        int used = _end == 0 ? _expected.Length : _end;
        _expected.AsSpan(0, used).Fill(Pattern);
        family.Write(0, _expected.AsSpan(0, used));
        _end = 64;
    }

    /// <summary>Copies an array into the block.</summary>
    /// <returns>Its offset.</returns>
    public int Put(GuardedArray array)
    {
        int offset = Reserve(array.Type, array.Count);
        array.Bytes.CopyTo(_expected.AsSpan(offset));
        family.Write(offset, array.Bytes);
        return offset;
    }

    /// <summary>Takes room for an array, which holds the pattern.</summary>
    /// <returns>Its offset, a multiple of the element size and often of no more.</returns>
    public int Reserve(ElementType type, int count)
    {
        int size = type.SizeInBytes();
        int offset = ((_end + size - 1) / size + GapElements) * size;
        _end = offset + count * size + 64;
        return offset;
    }

    /// <summary>The array at the offset has these elements, and everything else is as it was put there.</summary>
    public void Holds(int offset, ElementType type, ulong[] elements, string what)
    {
        int size = type.SizeInBytes();
        for (int i = 0; i < elements.Length; i++)
            BitConverter.GetBytes(elements[i]).AsSpan(0, size).CopyTo(_expected.AsSpan(offset + i * size));
        byte[] found = family.Read(0, _end);
        int at = found.AsSpan().CommonPrefixLength(_expected.AsSpan(0, _end));
        if (at == _end) return;
        int element = (at - offset) / size;
        if (at < offset || element >= elements.Length)
            Assert.Fail($"{type.Name()}, {elements.Length} elements, {what}: a byte outside the destination was written, at {at - offset}.");
        Assert.Fail($"{type.Name()}, element {element} of {elements.Length}, {what}: {Convert.ToHexString(found, offset + element * size, size)}, " +
            $"expected {Convert.ToHexString(_expected, offset + element * size, size)} (bytes in memory order).");
    }
}
