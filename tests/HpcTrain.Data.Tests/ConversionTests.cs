using System.Runtime.InteropServices;
using HpcTrain.Data.Loading;
using HpcTrain.Kernels;

namespace HpcTrain.Data.Tests;

/// <summary>Every pair of types, against the plain definition, for lengths that vectors do not divide.</summary>
[TestFixture]
internal sealed class ConversionTests
{
    private static readonly ElementType[] Integers = [ElementType.U8, ElementType.I8, ElementType.I16, ElementType.U16, ElementType.I32, ElementType.I64];

    private static byte[] Convert(ElementType from, byte[] source, ElementType to, double scale, double offset)
    {
        var elements = source.Length / from.SizeInBytes();
        // Memory beyond the end must stay as it is.
        var result = new byte[elements * to.SizeInBytes() + 16];
        Array.Fill(result, (byte)0xA5);
        new Conversion(from, to, scale, offset, elements).Run(source, result.AsSpan(0, elements * to.SizeInBytes()));
        Assert.That(result[^16..], Is.All.EqualTo((byte)0xA5), "beyond the end");
        return result[..^16];
    }

    private static byte[] Bytes<T>(IEnumerable<T> values) where T : unmanaged => MemoryMarshal.AsBytes(values.ToArray().AsSpan()).ToArray();

    [Test]
    public void Bytes_become_floats_scaled_and_shifted([Range(0, 100)] int length)
    {
        var source = Enumerable.Range(0, length).Select(i => (byte)(i * 37)).ToArray();
        const float Scale = 1 / 255f, Offset = -0.2860f;
        var expected = source.Select(value => (float)(value * Scale) + Offset);
        Assert.That(Convert(ElementType.U8, source, ElementType.F32, Scale, Offset), Is.EqualTo(Bytes(expected)));
    }

    [TestCaseSource(nameof(Integers))]
    public void Integers_become_floats(ElementType from)
    {
        var source = new byte[37 * from.SizeInBytes()];
        for (var i = 0; i < 37; i++)
            source[i * from.SizeInBytes()] = (byte)i;
        var expected = Enumerable.Range(0, 37).Select(i => i * 0.5f + 3f);
        Assert.That(Convert(from, source, ElementType.F32, 0.5, 3), Is.EqualTo(Bytes(expected)));
        Assert.That(Convert(from, source, ElementType.F64, 0.1, 3), Is.EqualTo(Bytes(Enumerable.Range(0, 37).Select(i => i * 0.1 + 3))));
        Assert.That(Convert(from, source, ElementType.F16, 0.5, 3), Is.EqualTo(Bytes(expected.Select(value => (Half)value))));
        Assert.That(Convert(from, source, ElementType.BF16, 0.5, 3), Is.EqualTo(Bytes(expected.Select(value => (BFloat16)value))));
    }

    [TestCaseSource(nameof(Integers))]
    public void Integers_become_wider_and_scaled_ones_are_cut_toward_zero(ElementType from)
    {
        var source = new byte[21 * from.SizeInBytes()];
        for (var i = 0; i < 21; i++)
            source[i * from.SizeInBytes()] = (byte)i;
        Assert.That(Convert(from, source, ElementType.I64, 1, 0), Is.EqualTo(Bytes(Enumerable.Range(0, 21).Select(i => (long)i))));
        Assert.That(Convert(from, source, ElementType.I32, -0.5, 1), Is.EqualTo(Bytes(Enumerable.Range(0, 21).Select(i => (int)(i * -0.5 + 1)))));
    }

    [Test]
    public void Equal_types_are_copied_unless_scaled()
    {
        var source = Bytes<float>([1, float.NaN, -0f, float.Epsilon]);
        Assert.That(Convert(ElementType.F32, source, ElementType.F32, 1, 0), Is.EqualTo(source));
        Assert.That(Convert(ElementType.F32, Bytes<float>([1, 2]), ElementType.F32, 2, 1), Is.EqualTo(Bytes<float>([3, 5])));
    }
}
