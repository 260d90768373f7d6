using HpcTrain.Kernels.Tests.Reference;

namespace HpcTrain.Kernels.Tests;

/// <summary>Casts against the scalar reference, which is exact before it rounds once.</summary>
internal sealed unsafe class CastTests
{
    private static readonly IEnumerable<TestCaseData> Pairs =
        from source in ElementTypes.All
        from target in ElementTypes.All
        select new TestCaseData(source, target);

    [TestCaseSource(nameof(Pairs))]
    public void Cast_equals_the_scalar_cast(ElementType from, ElementType to)
    {
        for (int length = 0; length <= 200; length++)
        {
            using var source = Samples.Mixed(from, length, length % 16, length * 7);
            ulong[] expected = Expected(source, to);
            for (int offset = length % 4; offset < 16; offset += 4)
            {
                using var destination = new GuardedArray(to, length, offset);
                HostKernels.Cast(from, source.Pointer, to, destination.Pointer, length);
                ElementAssert.HasValues(destination, expected);
            }
        }
    }

    [TestCaseSource(nameof(Pairs))]
    public void Cast_of_blocks_equals_the_scalar_cast(ElementType from, ElementType to)
    {
        using var source = Samples.Mixed(from, 5003, 1, 11);
        ulong[] expected = Expected(source, to);
        using var destination = new GuardedArray(to, source.Count, 2);
        HostKernels.Cast(from, source.Pointer, to, destination.Pointer, source.Count);
        ElementAssert.HasValues(destination, expected);
        if (from.SizeInBytes() != to.SizeInBytes()) return;

        HostKernels.Cast(from, source.Pointer, to, source.Pointer, source.Count);
        Assert.That(source.Bytes.SequenceEqual(destination.Bytes), "in place");
    }

    [TestCase(ElementType.F16)]
    [TestCase(ElementType.BF16)]
    public void Every_16_bit_float_widens_exactly_and_comes_back(ElementType type)
    {
        using var all = new GuardedArray(type, 65536);
        for (int bits = 0; bits < 65536; bits++) all.Of<ushort>()[bits] = (ushort)bits;
        using var wide = new GuardedArray(ElementType.F32, 65536);
        using var back = new GuardedArray(type, 65536);

        HostKernels.Cast(type, all.Pointer, ElementType.F32, wide.Pointer, 65536);
        HostKernels.Cast(ElementType.F32, wide.Pointer, type, back.Pointer, 65536);

        int quiet = type == ElementType.F16 ? 0x200 : 0x40;
        for (int bits = 0; bits < 65536; bits++)
        {
            double value = Element.Decode(type, (ushort)bits);
            double widened = wide.Of<float>()[bits];
            if (!value.Equals(widened) || double.IsNegative(value) != double.IsNegative(widened) && !double.IsNaN(value))
                Assert.Fail($"{bits:x4} is {value}, widened to {widened}.");
            int expected = double.IsNaN(value) ? bits | quiet : bits;
            if (back.Of<ushort>()[bits] != expected)
                Assert.Fail($"{bits:x4} came back as {back.Of<ushort>()[bits]:x4}.");
        }
    }

    [TestCase(ElementType.F16)]
    [TestCase(ElementType.BF16)]
    public void Around_every_tie_the_even_neighbour_is_chosen(ElementType type)
    {
        // Both sides of each midpoint between neighbours, and the midpoint, in f32 and in f64.
        using var singles = new GuardedArray(ElementType.F32, 3 * 65536);
        using var doubles = new GuardedArray(ElementType.F64, 3 * 65536);
        for (int bits = 0; bits < 65536; bits++)
        {
            double value = Element.Decode(type, (ushort)bits);
            double next = (bits & 0x7fff) < 0x7fff ? Element.Decode(type, (ushort)(bits + 1)) : double.NaN;
            double middle = double.IsInfinity(next)
                ? value + (value - Element.Decode(type, (ushort)(bits - 1))) / 2
                : (value + next) / 2;
            doubles.Of<double>()[3 * bits] = Math.BitDecrement(middle);
            doubles.Of<double>()[3 * bits + 1] = middle;
            doubles.Of<double>()[3 * bits + 2] = Math.BitIncrement(middle);
            singles.Of<float>()[3 * bits] = MathF.BitDecrement((float)middle);
            singles.Of<float>()[3 * bits + 1] = (float)middle;
            singles.Of<float>()[3 * bits + 2] = MathF.BitIncrement((float)middle);
        }
        foreach (GuardedArray source in new[] { singles, doubles })
        {
            using var destination = new GuardedArray(type, source.Count);
            HostKernels.Cast(source.Type, source.Pointer, type, destination.Pointer, source.Count);
            ElementAssert.HasValues(destination, Expected(source, type));
        }
    }

    [Test]
    public void A_cast_to_the_same_type_copies_the_bytes()
    {
        foreach (ElementType type in ElementTypes.All)
        {
            using var source = Samples.Mixed(type, 100, 1, 3);
            using var destination = new GuardedArray(type, 100, 2);
            HostKernels.Cast(type, source.Pointer, type, destination.Pointer, 100);
            Assert.That(destination.Bytes.SequenceEqual(source.Bytes), type.Name());
            destination.AssertGuardsIntact();
        }
    }

    [Test]
    public void The_sign_of_a_NaN_is_kept([Values(ElementType.F16, ElementType.BF16, ElementType.F64)] ElementType type)
    {
        using var source = GuardedArray.From<uint>([0x7fc00001, 0xffc00001, 0x7f800001, 0xff800001]);
        using var destination = new GuardedArray(type, 4);
        using var back = new GuardedArray(ElementType.F32, 4);
        HostKernels.Cast(ElementType.F32, source.Pointer, type, destination.Pointer, 4);
        HostKernels.Cast(type, destination.Pointer, ElementType.F32, back.Pointer, 4);
        Assert.That(back.Of<float>().ToArray(), Is.All.NaN);
        Assert.That(back.Of<float>().ToArray().Select(float.IsNegative), Is.EqualTo(new[] { false, true, false, true }));
    }

    [Test]
    public void Bad_arguments_are_named()
    {
        using var a = new GuardedArray(ElementType.F32, 4);
        Assert.That(() => HostKernels.Cast(ElementType.F32, a.Pointer, ElementType.F16, a.Pointer, -1),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => HostKernels.Cast((ElementType)99, a.Pointer, ElementType.F16, a.Pointer, 1),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("bf16"));
        Assert.That(() => HostKernels.Cast(ElementType.F32, a.Pointer, (ElementType)99, a.Pointer, 1),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("bf16"));
    }

    private static ulong[] Expected(GuardedArray source, ElementType to) =>
        [.. Enumerable.Range(0, source.Count).Select(i => ScalarCast.Cast(source, i, to))];
}
