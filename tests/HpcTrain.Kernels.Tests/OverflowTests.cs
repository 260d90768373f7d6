namespace HpcTrain.Kernels.Tests;

/// <summary>The count of overflows against the cast itself.</summary>
internal sealed unsafe class OverflowTests
{
    [Test]
    public void Counts_what_the_cast_makes_infinite([Values(ElementType.F16, ElementType.BF16)] ElementType type)
    {
        float[] edges = type == ElementType.F16
            ? [65504, 65519.996f, 65520, 65536]
            : [(float)BitConverter.UInt32BitsToSingle(0x7F7F_7FFF), BitConverter.UInt32BitsToSingle(0x7F7F_8000), float.MaxValue, 1e38f];
        float[] values = [.. edges, .. edges.Select(e => -e), float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0, -0f, 1, float.Epsilon];
        for (int length = 0; length <= 100; length++)
        {
            var random = new Random(length);
            using var source = GuardedArray.From<float>([.. Enumerable.Range(0, length).Select(_ => values[random.Next(values.Length)])], length % 16);
            int expected = source.Of<float>().ToArray().Count(v =>
                float.IsFinite(v) && float.IsInfinity(type == ElementType.F16 ? (float)(Half)v : (float)(BFloat16)v));
            Assert.That(HostKernels.CountOverflows(type, (float*)source.Pointer, length), Is.EqualTo((nint)expected));
        }
    }

    [Test]
    public void Other_types_are_named() => Assert.That(() => HostKernels.CountOverflows(ElementType.F32, null, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
