using HpcTrain.Kernels.Tests.Reference;

namespace HpcTrain.Kernels.Tests;

/// <summary>Reductions against the scalar reference: every length to 200, every start to 15 elements behind a boundary.</summary>
internal sealed unsafe class ReduceTests
{
    private const int MaxLength = 200;

    private static readonly IEnumerable<TestCaseData> TypesAndOperations =
        from type in ElementTypes.All
        from op in ReduceOps.All
        where op.IsDefinedFor(type)
        select new TestCaseData(type, op);

    [TestCaseSource(nameof(TypesAndOperations))]
    public void ReduceMany_equals_the_scalar_fold(ElementType type, ReduceOp op)
    {
        for (int length = 0; length <= MaxLength; length++)
        {
            int ways = 1 + length % 7;
            var sources = Enumerable.Range(0, ways)
                .Select(s => Samples.Mixed(type, length, s * 5 % 16, length * 31 + s)).ToArray();
            ulong[] expected = Expected(type, op, sources);
            nint[] addresses = [.. sources.Select(s => s.Address)];
            for (int offset = 0; offset < 16; offset++)
            {
                using var destination = new GuardedArray(type, length, offset);
                HostKernels.ReduceMany(type, op, destination.Pointer, addresses, length);
                ElementAssert.HasBits(destination, expected);
            }
            foreach (GuardedArray source in sources) source.Dispose();
        }
    }

    [TestCaseSource(nameof(TypesAndOperations))]
    public void Reduce_equals_the_scalar_operation(ElementType type, ReduceOp op)
    {
        for (int length = 0; length <= MaxLength; length++)
        {
            for (int offset = length % 3; offset < 16; offset += 3)
            {
                using var destination = Samples.Mixed(type, length, 15 - offset, length);
                using var source = Samples.Mixed(type, length, offset, length + 1000);
                ulong[] expected = Expected(type, op, [destination, source]);
                byte[] before = source.Bytes.ToArray();

                HostKernels.Reduce(type, op, destination.Pointer, source.Pointer, length);

                ElementAssert.HasBits(destination, expected);
                source.AssertGuardsIntact();
                Assert.That(source.Bytes.SequenceEqual(before), "the source is only read");
            }
        }
    }

    [TestCaseSource(nameof(TypesAndOperations))]
    public void ReduceMany_may_write_over_any_of_its_sources(ElementType type, ReduceOp op)
    {
        foreach (int length in new[] { 1, 7, 63, 64, 65, 150, 1031 })
        {
            for (int target = 0; target < 4; target++)
            {
                var sources = Enumerable.Range(0, 4).Select(s => Samples.Mixed(type, length, s, length + s)).ToArray();
                ulong[] expected = Expected(type, op, sources);

                HostKernels.ReduceMany(type, op, sources[target].Pointer, [.. sources.Select(s => s.Address)], length);

                ElementAssert.HasBits(sources[target], expected);
                foreach (GuardedArray source in sources) source.Dispose();
            }
        }
    }

    [TestCaseSource(nameof(TypesAndOperations))]
    public void Reduce_takes_the_same_array_twice(ElementType type, ReduceOp op)
    {
        using var array = Samples.Mixed(type, 333, 3, 5);
        ulong[] expected = Expected(type, op, [array, array]);
        HostKernels.Reduce(type, op, array.Pointer, array.Pointer, array.Count);
        ElementAssert.HasBits(array, expected);
    }

    [Test]
    public void ReduceInto_widens_a_16_bit_source(
        [Values(ElementType.F32, ElementType.F16, ElementType.BF16)] ElementType type,
        [Values(ReduceOp.Sum, ReduceOp.Prod, ReduceOp.Min, ReduceOp.Max, ReduceOp.Avg, ReduceOp.PreMulSum)] ReduceOp op)
    {
        for (int length = 0; length <= MaxLength; length++)
        {
            using var source = Samples.Mixed(type, length, length % 16, length);
            using var accumulator = Samples.Mixed(ElementType.F32, length, 15 - length % 16, length + 1);
            using var widened = new GuardedArray(ElementType.F32, length);
            for (int i = 0; i < length; i++)
                widened.Of<float>()[i] = type == ElementType.F32
                    ? source.Of<float>()[i]
                    : (float)Element.Decode(type, source.Of<ushort>()[i]);
            ulong[] expected = Expected(ElementType.F32, op, [accumulator, widened]);

            HostKernels.ReduceInto(op, (float*)accumulator.Pointer, type, source.Pointer, length);

            ElementAssert.HasBits(accumulator, expected);
        }
    }

    [TestCase(ElementType.F16)]
    [TestCase(ElementType.BF16)]
    public void ReduceMany_rounds_16_bit_floats_once(ElementType type)
    {
        // In the middle of 1 and its successor lies a tie; what is added is too small for 16 bits but not for f32.
        double unit = type == ElementType.F16 ? Math.ScaleB(1, -10) : Math.ScaleB(1, -7);
        ushort[] terms = [.. new[] { 1, unit / 4, unit / 4, unit / 16 }.Select(v => Element.Encode(type, v))];
        var sources = terms.Select(t => { var a = new GuardedArray(type, 1); Samples.Set(a, 0, t); return a; }).ToArray();
        using var destination = new GuardedArray(type, 1);
        HostKernels.ReduceMany(type, ReduceOp.Sum, destination.Pointer, [.. sources.Select(s => s.Address)], 1);
        Assert.That(Element.Decode(type, destination.Of<ushort>()[0]), Is.EqualTo(1 + unit));
        foreach (GuardedArray source in sources) source.Dispose();
    }

    [Test]
    public void Bad_arguments_are_named()
    {
        using var a = new GuardedArray(ElementType.F32, 4);
        Assert.Multiple(() =>
        {
            Assert.That(() => HostKernels.ReduceMany(ElementType.F32, ReduceOp.Sum, a.Pointer, [], 4),
                Throws.ArgumentException.With.Message.Contains("at least one source"));
            Assert.That(() => HostKernels.Reduce(ElementType.F32, ReduceOp.Sum, a.Pointer, a.Pointer, -1),
                Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => HostKernels.Reduce((ElementType)99, ReduceOp.Sum, a.Pointer, a.Pointer, 4),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("bf16"));
            Assert.That(() => HostKernels.Reduce(ElementType.F32, (ReduceOp)99, a.Pointer, a.Pointer, 4),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("prod"));
            Assert.That(() => HostKernels.ReduceInto(ReduceOp.Sum, (float*)a.Pointer, ElementType.I8, a.Pointer, 4),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("i8"));
            Assert.That(() => HostKernels.ReduceMany(ElementType.BF16, ReduceOp.BitXor, a.Pointer, [a.Address], 4),
                Throws.ArgumentException.With.Message.Contains("bxor").And.Message.Contains("bf16"));
            Assert.That(() => HostKernels.ReduceInto(ReduceOp.BitAnd, (float*)a.Pointer, ElementType.F16, a.Pointer, 4),
                Throws.ArgumentException.With.Message.Contains("band").And.Message.Contains("f16"));
        });
    }

    private static ulong[] Expected(ElementType type, ReduceOp op, GuardedArray[] sources) =>
        [.. Enumerable.Range(0, sources[0].Count).Select(i => ScalarReduction.Fold(type, op, sources, i))];
}
