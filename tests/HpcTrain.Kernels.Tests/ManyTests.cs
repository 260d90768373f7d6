using HpcTrain.Kernels.Tests.Reference;

namespace HpcTrain.Kernels.Tests;

/// <summary>
/// Reductions and copies to many places: the bits of a fold (and an average) everywhere, whichever destinations are sources, and whether
/// or not the caches are passed by.
/// </summary>
internal sealed unsafe class ManyTests
{
    // Around the block of 16 KiB, for every size of element; then large enough to be streamed to two or more destinations.
    private static readonly int[] Lengths = [0, 1, 7, 64, 65, 2047, 2049, 4096, 5003, 16384, 16390, 33001];
    private const int StreamedBytes = 8 << 20;

    private static readonly IEnumerable<TestCaseData> TypesAndOperations =
        from type in ElementTypes.All
        from op in ReduceOps.All
        where op.IsDefinedFor(type)
        select new TestCaseData(type, op);

    [TestCaseSource(nameof(TypesAndOperations))]
    public void Every_destination_gets_the_bits_of_the_fold(ElementType type, ReduceOp op)
    {
        foreach (int length in Lengths)
        {
            for (int shared = 0; shared <= 3; shared++)
                Check(type, op, length, ways: 3, shared, separate: length % 3 + (shared == 0 ? 1 : 0), averageOver: 0);
        }
    }

    [TestCaseSource(typeof(ElementTypes), nameof(ElementTypes.All))]
    public void Every_destination_gets_the_average(ElementType type)
    {
        foreach (int length in Lengths)
        {
            for (int ways = 1; ways <= 4; ways++)
                Check(type, ReduceOp.Avg, length, ways, shared: ways / 2, separate: 1 + length % 2, averageOver: ways);
        }
    }

    [TestCase(ElementType.F32, 0)]
    [TestCase(ElementType.BF16, 3)]
    [TestCase(ElementType.I8, 3)]
    [TestCase(ElementType.F64, 3)]
    public void What_is_streamed_has_the_same_bits(ElementType type, int averageOver)
    {
        int length = StreamedBytes / type.SizeInBytes() + 77;
        Check(type, ReduceOp.Sum, length, ways: 2, shared: 0, separate: 3, averageOver);
        Check(type, ReduceOp.Sum, length, ways: 2, shared: 1, separate: 1, averageOver);
    }

    [TestCase(ElementType.F16)]
    [TestCase(ElementType.BF16)]
    public void An_average_of_16_bit_floats_is_rounded_once(ElementType type)
    {
        for (int length = 0; length <= 200; length++)
        {
            GuardedArray[] sources = Arrays(type, length, 3, seed: length);
            ulong[] expected = [.. Enumerable.Range(0, length).Select(i =>
                (ulong)Element.Encode(type, (float)sources.Select(s => ScalarCast.Float(s, i)).Aggregate((a, b) => (float)(a + b)) / 3f))];
            HostKernels.ReduceManyTo(type, ReduceOp.Avg, Addresses(sources), Addresses(sources), length, 3);
            foreach (GuardedArray source in sources) ElementAssert.HasBits(source, expected);
            Free(sources);
        }
    }

    [Test]
    public void A_copy_is_exact_for_every_length_and_place()
    {
        for (int length = 0; length <= 300; length++) CheckCopy(length, offset: length % 16, places: 1 + length % 4);
        foreach (int length in new[] { 16383, 16384, 16385, 50001, StreamedBytes - 1, StreamedBytes, StreamedBytes + 77 })
            CheckCopy(length, offset: length % 7, places: 2);
    }

    [Test]
    public void A_copy_onto_itself_changes_nothing()
    {
        using GuardedArray array = Samples.Mixed(ElementType.U8, StreamedBytes + 5, 3, 1);
        byte[] before = array.Bytes.ToArray();
        HostKernels.Copy(array.Pointer, array.Pointer, array.Count);
        HostKernels.CopyToMany([array.Address], array.Pointer, array.Count);
        Assert.That(array.Bytes.SequenceEqual(before));
    }

    [Test]
    public void Bad_arguments_are_named()
    {
        using var a = new GuardedArray(ElementType.F32, 4);
        nint[] one = [a.Address];
        Assert.Multiple(() =>
        {
            Assert.That(() => HostKernels.ReduceManyTo(ElementType.F32, ReduceOp.Sum, one, [], 4),
                Throws.ArgumentException.With.Message.Contains("at least one source"));
            Assert.That(() => HostKernels.ReduceManyTo(ElementType.F32, ReduceOp.Sum, [], one, 4),
                Throws.ArgumentException.With.Message.Contains("destinations"));
            Assert.That(() => HostKernels.ReduceManyTo(ElementType.F32, ReduceOp.Sum, one, one, 4, -1),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("averageOver"));
            Assert.That(() => HostKernels.ReduceManyTo(ElementType.F32, ReduceOp.BitOr, one, one, 0),
                Throws.ArgumentException.With.Message.Contains("bor").And.Message.Contains("f32"));
            Assert.That(() => HostKernels.ReduceManyTo(ElementType.I8, (ReduceOp)99, one, one, 0, 2),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("bxor"));
            Assert.That(() => HostKernels.Copy(a.Pointer, a.Pointer, -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => HostKernels.CopyToMany([], a.Pointer, 1), Throws.ArgumentException.With.Message.Contains("destinations"));
        });
    }

    // Destinations: as many of the sources as are shared, from the last one on, and separate arrays, each at a place of its own.
    private static void Check(ElementType type, ReduceOp op, int length, int ways, int shared, int separate, int averageOver)
    {
        GuardedArray[] sources = Arrays(type, length, ways, seed: length * 31);
        GuardedArray[] others = Arrays(type, length, separate, seed: 1);
        using GuardedArray expected = Expected(type, op, sources, averageOver);
        byte[][] before = [.. sources.Select(s => s.Bytes.ToArray())];
        GuardedArray[] destinations = [.. others.Take(1), .. sources.Reverse().Take(shared), .. others.Skip(1)];

        HostKernels.ReduceManyTo(type, op, Addresses(destinations), Addresses(sources), length, averageOver);

        string what = $"{type.Name()} {op.Name()}, {length} elements, {shared} of {ways} sources written, over {averageOver}";
        foreach (GuardedArray destination in destinations)
        {
            Assert.That(destination.Bytes.SequenceEqual(expected.Bytes), what);
            destination.AssertGuardsIntact();
        }
        for (int s = 0; s < ways - shared; s++) Assert.That(sources[s].Bytes.SequenceEqual(before[s]), $"{what}: source {s} is only read");
        Free(sources);
        Free(others);
    }

    private static GuardedArray Expected(ElementType type, ReduceOp op, GuardedArray[] sources, int averageOver)
    {
        int length = sources[0].Count;
        var result = new GuardedArray(type, length);
        if (averageOver > 0 && type is ElementType.F16 or ElementType.BF16)
        {
            using var sums = new GuardedArray(ElementType.F32, length);
            foreach (GuardedArray source in sources)
            {
                if (source == sources[0]) HostKernels.Cast(type, source.Pointer, ElementType.F32, sums.Pointer, length);
                else HostKernels.ReduceInto(op, (float*)sums.Pointer, type, source.Pointer, length);
            }
            HostKernels.ReduceMany(ElementType.F32, op, sums.Pointer, [sums.Address], length);
            HostKernels.FinishAverage((float*)sums.Pointer, type, result.Pointer, length, averageOver);
            return result;
        }
        HostKernels.ReduceMany(type, op, result.Pointer, Addresses(sources), length);
        if (averageOver > 0) HostKernels.FinishAverage(type, result.Pointer, length, averageOver);
        return result;
    }

    private static void CheckCopy(int length, int offset, int places)
    {
        using GuardedArray source = Samples.Mixed(ElementType.U8, length, offset, length);
        GuardedArray[] destinations =
            [.. Enumerable.Range(0, places + 1).Select(p => new GuardedArray(ElementType.U8, length, (offset * 5 + p) % 64))];
        HostKernels.Copy(destinations[0].Pointer, source.Pointer, length);
        HostKernels.CopyToMany(Addresses(destinations[1..]), source.Pointer, length);
        foreach (GuardedArray destination in destinations)
        {
            Assert.That(destination.Bytes.SequenceEqual(source.Bytes), $"{length} bytes");
            destination.AssertGuardsIntact();
        }
        Free(destinations);
    }

    private static GuardedArray[] Arrays(ElementType type, int length, int count, int seed) =>
        [.. Enumerable.Range(0, count).Select(a => Samples.Mixed(type, length, (a * 5 + length) % 16, seed + a))];

    private static nint[] Addresses(GuardedArray[] arrays) => [.. arrays.Select(a => a.Address)];

    private static void Free(GuardedArray[] arrays)
    {
        foreach (GuardedArray array in arrays) array.Dispose();
    }
}
