using HpcTrain.Kernels.Tests.Reference;

namespace HpcTrain.Kernels.Tests;

/// <summary>Scaling, averages and fills against the scalar reference.</summary>
internal sealed unsafe class MapTests
{
    private static readonly double[] Factors = [0, 1, -1, 0.5, 1.0 / 3, -2.75, 1e-30, 1e30, double.PositiveInfinity, double.NaN];
    private static readonly int[] RankCounts = [1, 2, 3, 7, 8, 127, 128, 300, 70000, int.MaxValue];

    [TestCaseSource(typeof(ElementTypes), nameof(ElementTypes.All))]
    public void Scale_multiplies_each_element(ElementType type)
    {
        for (int length = 0; length <= 200; length++)
        {
            using var array = Samples.Mixed(type, length, length % 16, length);
            using var destination = new GuardedArray(type, length, 15 - length % 16);
            double factor = Factors[length % Factors.Length];
            ulong[] expected = Each(array, i => ScalarMap.Scaled(array, i, factor));
            byte[] before = array.Bytes.ToArray();

            HostKernels.Scale(type, destination.Pointer, array.Pointer, length, factor);
            ElementAssert.HasBits(destination, expected);
            Assert.That(array.Bytes.SequenceEqual(before), "the source is only read");

            HostKernels.Scale(type, array.Pointer, length, factor);
            ElementAssert.HasBits(array, expected);
        }
    }

    [TestCaseSource(typeof(ElementTypes), nameof(ElementTypes.All))]
    public void FinishAverage_divides_each_element(ElementType type)
    {
        for (int length = 0; length <= 200; length++)
        {
            using var array = Samples.Mixed(type, length, length % 16, length);
            int ranks = RankCounts[length % RankCounts.Length];
            ulong[] expected = Each(array, i => ScalarMap.Average(array, i, ranks));
            HostKernels.FinishAverage(type, array.Pointer, length, ranks);
            ElementAssert.HasBits(array, expected);
        }
    }

    [Test]
    public void FinishAverage_of_f32_sums_rounds_on_the_way_out(
        [Values(ElementType.F32, ElementType.F16, ElementType.BF16)] ElementType to)
    {
        for (int length = 0; length <= 200; length++)
        {
            using var sums = Samples.Mixed(ElementType.F32, length, length % 16, length);
            using var destination = new GuardedArray(to, length, 15 - length % 16);
            int ranks = RankCounts[length % RankCounts.Length];
            ulong[] expected = Each(sums, i => ScalarCast.FromDouble(to, sums.Of<float>()[i] / ranks));
            HostKernels.FinishAverage((float*)sums.Pointer, to, destination.Pointer, length, ranks);
            ElementAssert.HasBits(destination, expected);
            sums.AssertGuardsIntact();
        }
    }

    [TestCaseSource(typeof(ElementTypes), nameof(ElementTypes.All))]
    public void Blocks_of_scale_and_average_join_up(ElementType type)
    {
        using var scaled = Samples.Mixed(type, 4099, 3, 1);
        using var averaged = Samples.Mixed(type, 4099, 5, 1);
        ulong[] expectedScaled = Each(scaled, i => ScalarMap.Scaled(scaled, i, 0.75));
        ulong[] expectedAverage = Each(averaged, i => ScalarMap.Average(averaged, i, 3));
        HostKernels.Scale(type, scaled.Pointer, scaled.Count, 0.75);
        HostKernels.FinishAverage(type, averaged.Pointer, averaged.Count, 3);
        ElementAssert.HasBits(scaled, expectedScaled);
        ElementAssert.HasBits(averaged, expectedAverage);
    }

    [TestCaseSource(typeof(ElementTypes), nameof(ElementTypes.All))]
    public void Fill_and_Zero_write_every_element_and_no_other(ElementType type)
    {
        using var value = GuardedArray.From<double>([-3.3]);
        ulong element = ScalarCast.Cast(value, 0, type);
        for (int length = 0; length <= 200; length++)
        {
            using var array = new GuardedArray(type, length, length % 16);
            HostKernels.Fill(type, array.Pointer, length, -3.3);
            ElementAssert.HasBits(array, Each(array, _ => element));
            HostKernels.Zero(array.Pointer, length * type.SizeInBytes());
            ElementAssert.HasBits(array, new ulong[length]);
        }
    }

    [Test]
    public void Bad_arguments_are_named()
    {
        using var a = new GuardedArray(ElementType.F32, 4);
        Assert.Multiple(() =>
        {
            Assert.That(() => HostKernels.Scale(ElementType.F32, a.Pointer, -1, 1),
                Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => HostKernels.Scale((ElementType)99, a.Pointer, 1, 1),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("bf16"));
            Assert.That(() => HostKernels.FinishAverage(ElementType.F32, a.Pointer, 1, 0),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("ranks"));
            Assert.That(() => HostKernels.FinishAverage((float*)a.Pointer, ElementType.F64, a.Pointer, 1, 2),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("f64"));
            Assert.That(() => HostKernels.Fill((ElementType)99, a.Pointer, 1, 1),
                Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => HostKernels.Zero(a.Pointer, -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    private static ulong[] Each(GuardedArray array, Func<int, ulong> element) =>
        [.. Enumerable.Range(0, array.Count).Select(element)];
}
