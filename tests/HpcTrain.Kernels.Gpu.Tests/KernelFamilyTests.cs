using HpcTrain.Kernels.Gpu.Tests.Families;
using HpcTrain.Kernels.Tests;
using HpcTrain.Kernels.Tests.Reference;

namespace HpcTrain.Kernels.Gpu.Tests;

/// <summary>
/// One suite for all back ends: the bits of the scalar reference, for every type and operation, every length to 70 and a few longer, and not a byte
/// changed outside the destination. The simulator of the CPU accelerator is slow, hence the short arrays.
/// </summary>
[TestFixture(typeof(HostFamily))]
[TestFixture(typeof(CpuFamily))]
[TestFixture(typeof(CudaFamily))]
internal sealed class KernelFamilyTests<TFamily> where TFamily : IKernelFamily
{
    private static readonly int[] Lengths = [.. Enumerable.Range(0, 71), 255, 256, 257, 1000];
    private static readonly double[] Factors = [0, 1, -1, 0.5, 1.0 / 3, -2.75, 1e-30, 1e30, double.PositiveInfinity, double.NaN];
    private static readonly int[] RankCounts = [1, 2, 3, 7, 8, 127, 128, 300, 70000, int.MaxValue];

    private static readonly IEnumerable<TestCaseData> TypesAndOperations =
        from type in ElementTypes.All
        from op in ReduceOps.All
        where op.IsDefinedFor(type)
        select new TestCaseData(type, op);

    private static readonly IEnumerable<TestCaseData> Pairs =
        from source in ElementTypes.All
        from target in ElementTypes.All
        select new TestCaseData(source, target);

    private IKernelFamily _family = null!;
    private Arena _arena = null!;

    [OneTimeSetUp]
    public void Start()
    {
        _family = TFamily.Create();
        _arena = new(_family);
    }

    [OneTimeTearDown]
    public void Free() => _family?.Dispose();

    [TestCaseSource(nameof(TypesAndOperations))]
    public void ReduceMany_equals_the_scalar_fold(ElementType type, ReduceOp op)
    {
        foreach (int length in Lengths)
        {
            _arena.Clear();
            int ways = 1 + length % 7;
            GuardedArray[] sources = Arrays(type, length, ways);
            int[] at = [.. sources.Select(_arena.Put)];
            int destination = _arena.Reserve(type, length);
            _family.ReduceMany(type, op, destination, at, length);
            _arena.Holds(destination, type, Expected(type, op, sources), $"{ways} sources");
            Free(sources);
        }
    }

    [TestCaseSource(typeof(ElementTypes), nameof(ElementTypes.All))]
    public void ReduceMany_takes_up_to_16_sources(ElementType type)
    {
        for (int ways = 1; ways <= DeviceKernels.MaxSources; ways++)
        {
            _arena.Clear();
            GuardedArray[] sources = Arrays(type, 40, ways);
            int[] at = [.. sources.Select(_arena.Put)];
            int destination = _arena.Reserve(type, 40);
            _family.ReduceMany(type, ReduceOp.Sum, destination, at, 40);
            _arena.Holds(destination, type, Expected(type, ReduceOp.Sum, sources), $"{ways} sources");
            Free(sources);
        }
    }

    [TestCaseSource(nameof(TypesAndOperations))]
    public void ReduceMany_may_write_over_any_of_its_sources(ElementType type, ReduceOp op)
    {
        foreach (int length in new[] { 1, 17, 63, 300 })
        {
            for (int target = 0; target < 4; target++)
            {
                _arena.Clear();
                GuardedArray[] sources = Arrays(type, length, 4);
                int[] at = [.. sources.Select(_arena.Put)];
                _family.ReduceMany(type, op, at[target], at, length);
                _arena.Holds(at[target], type, Expected(type, op, sources), $"over source {target}");
                Free(sources);
            }
        }
    }

    [TestCaseSource(nameof(TypesAndOperations))]
    public void Reduce_equals_the_scalar_operation(ElementType type, ReduceOp op)
    {
        foreach (int length in Lengths)
        {
            _arena.Clear();
            GuardedArray[] operands = Arrays(type, length, 2);
            int destination = _arena.Put(operands[0]);
            _family.Reduce(type, op, destination, _arena.Put(operands[1]), length);
            _arena.Holds(destination, type, Expected(type, op, operands), "in place");
            Free(operands);
        }
    }

    [Test]
    public void ReduceInto_widens_a_16_bit_source(
        [Values(ElementType.F32, ElementType.F16, ElementType.BF16)] ElementType type,
        [Values(ReduceOp.Sum, ReduceOp.Prod, ReduceOp.Min, ReduceOp.Max)] ReduceOp op)
    {
        foreach (int length in Lengths)
        {
            _arena.Clear();
            using var source = Samples.Mixed(type, length, 0, length);
            using var accumulator = Samples.Mixed(ElementType.F32, length, 0, length + 1);
            using var widened = new GuardedArray(ElementType.F32, length);
            for (int i = 0; i < length; i++) widened.Of<float>()[i] = (float)ScalarCast.Float(source, i);
            int at = _arena.Put(accumulator);
            _family.ReduceInto(op, at, type, _arena.Put(source), length);
            _arena.Holds(at, ElementType.F32, Expected(ElementType.F32, op, [accumulator, widened]), $"from {type.Name()}");
        }
    }

    [TestCaseSource(nameof(Pairs))]
    public unsafe void Cast_has_the_bits_of_the_host(ElementType from, ElementType to)
    {
        foreach (int length in Lengths)
        {
            _arena.Clear();
            using var source = Samples.Mixed(from, length, 0, length * 7);
            using var host = new GuardedArray(to, length);
            HostKernels.Cast(from, source.Pointer, to, host.Pointer, length);
            ElementAssert.HasValues(host, [.. Enumerable.Range(0, length).Select(i => ScalarCast.Cast(source, i, to))]);

            int destination = _arena.Reserve(to, length);
            _family.Cast(from, _arena.Put(source), to, destination, length);
            _arena.Holds(destination, to, [.. Enumerable.Range(0, length).Select(i => ScalarReduction.Bits(host, i))], $"from {from.Name()}");
        }
    }

    [TestCase(ElementType.F16)]
    [TestCase(ElementType.BF16)]
    public unsafe void Around_every_tie_a_cast_has_the_bits_of_the_host(ElementType type)
    {
        // Both sides of every 11th midpoint between neighbours, and the midpoint, in f64.
        using var doubles = new GuardedArray(ElementType.F64, 3 * 5957);
        for (int k = 0; k < 5957; k++)
        {
            var bits = (ushort)(k * 11);
            double value = Element.Decode(type, bits), next = Element.Decode(type, (ushort)(bits + 1));
            double middle = double.IsFinite(next) ? (value + next) / 2 : value;
            doubles.Of<double>()[3 * k] = Math.BitDecrement(middle);
            doubles.Of<double>()[3 * k + 1] = middle;
            doubles.Of<double>()[3 * k + 2] = Math.BitIncrement(middle);
        }
        using var singles = new GuardedArray(ElementType.F32, doubles.Count);
        HostKernels.Cast(ElementType.F64, doubles.Pointer, ElementType.F32, singles.Pointer, doubles.Count);
        foreach (GuardedArray source in new[] { doubles, singles })
        {
            _arena.Clear();
            using var host = new GuardedArray(type, source.Count);
            HostKernels.Cast(source.Type, source.Pointer, type, host.Pointer, source.Count);
            int destination = _arena.Reserve(type, source.Count);
            _family.Cast(source.Type, _arena.Put(source), type, destination, source.Count);
            _arena.Holds(destination, type, [.. Enumerable.Range(0, source.Count).Select(i => ScalarReduction.Bits(host, i))], "ties");
        }
    }

    [TestCaseSource(typeof(ElementTypes), nameof(ElementTypes.All))]
    public void Scale_multiplies_each_element(ElementType type)
    {
        foreach (int length in Lengths)
        {
            foreach (bool inPlace in new[] { false, true })
            {
                _arena.Clear();
                double factor = Factors[length % Factors.Length];
                using var source = Samples.Mixed(type, length, 0, length);
                int at = _arena.Put(source);
                int destination = inPlace ? at : _arena.Reserve(type, length);
                _family.Scale(type, destination, at, length, factor);
                _arena.Holds(destination, type, Each(source, i => ScalarMap.Scaled(source, i, factor)), $"times {factor}");
            }
        }
    }

    [TestCaseSource(typeof(ElementTypes), nameof(ElementTypes.All))]
    public void FinishAverage_divides_each_element(ElementType type)
    {
        foreach (int length in Lengths)
        {
            _arena.Clear();
            int ranks = RankCounts[length % RankCounts.Length];
            using var sums = Samples.Mixed(type, length, 0, length);
            int at = _arena.Put(sums);
            _family.FinishAverage(type, at, length, ranks);
            _arena.Holds(at, type, Each(sums, i => ScalarMap.Average(sums, i, ranks)), $"over {ranks}");
        }
    }

    [Test]
    public void FinishAverage_of_f32_sums_rounds_on_the_way_out(
        [Values(ElementType.F32, ElementType.F16, ElementType.BF16)] ElementType to)
    {
        foreach (int length in Lengths)
        {
            _arena.Clear();
            int ranks = RankCounts[length % RankCounts.Length];
            using var sums = Samples.Mixed(ElementType.F32, length, 0, length);
            int destination = _arena.Reserve(to, length);
            _family.FinishAverage(_arena.Put(sums), to, destination, length, ranks);
            _arena.Holds(destination, to, Each(sums, i => ScalarCast.FromDouble(to, sums.Of<float>()[i] / ranks)), $"over {ranks}");
        }
    }

    [TestCaseSource(typeof(ElementTypes), nameof(ElementTypes.All))]
    public void Fill_and_Zero_write_every_element_and_no_other(ElementType type)
    {
        using var value = GuardedArray.From<double>([-3.3]);
        ulong element = ScalarCast.Cast(value, 0, type);
        foreach (int length in Lengths)
        {
            _arena.Clear();
            int at = _arena.Reserve(type, length);
            _family.Fill(type, at, length, -3.3);
            _arena.Holds(at, type, [.. Enumerable.Repeat(element, length)], "filled");
            _family.Zero(at, length * type.SizeInBytes());
            _arena.Holds(at, type, new ulong[length], "zeroed");
        }
    }

    private static GuardedArray[] Arrays(ElementType type, int length, int count) =>
        [.. Enumerable.Range(0, count).Select(a => Samples.Mixed(type, length, 0, length * 31 + a))];

    private static ulong[] Expected(ElementType type, ReduceOp op, GuardedArray[] sources) =>
        Each(sources[0], i => ScalarReduction.Fold(type, op, sources, i));

    private static ulong[] Each(GuardedArray array, Func<int, ulong> element) => [.. Enumerable.Range(0, array.Count).Select(element)];

    private static void Free(GuardedArray[] arrays)
    {
        foreach (GuardedArray array in arrays) array.Dispose();
    }
}
