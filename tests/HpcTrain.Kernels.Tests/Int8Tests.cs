namespace HpcTrain.Kernels.Tests;

/// <summary>8-bit codes against one element after the other, and the roundings against their expectation.</summary>
internal sealed unsafe class Int8Tests
{
    private const int Block = Int8Kernels.BlockElements;
    private static readonly RoundingKey Key = RoundingKey.Of(1, 2, 3);

    [Test]
    public void Codes_equal_the_scalar_reference()
    {
        foreach (int length in Enumerable.Range(0, 70).Concat([255, 256, 257, 300, 511, 512, 513, 1000, 2048]))
        {
            var random = new Random(length);
            float[] values = [.. Enumerable.Range(0, length).Select(_ => random.Next(8) == 0 ? 0 : (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-3, 3))))];
            if (length > 600)
            {
                values[3] = float.NaN;
                values[300] = float.NegativeInfinity;
                values.AsSpan(2 * Block, length - (2 * Block)).Fill(1e-38f);
            }
            using var source = GuardedArray.From<float>(values, length % 16);
            using var scales = new GuardedArray(ElementType.F32, (int)Int8Kernels.Blocks(length));
            using var codes = new GuardedArray(ElementType.I8, length, length % 7);
            using var back = new GuardedArray(ElementType.F32, length);
            using var sum = GuardedArray.From<float>(values, 5);

            Int8Kernels.Quantize((float*)source.Pointer, length, (float*)scales.Pointer, (sbyte*)codes.Pointer, Key, firstNumber: 77);
            Int8Kernels.Dequantize((float*)scales.Pointer, (sbyte*)codes.Pointer, length, (float*)back.Pointer);
            Int8Kernels.AddDequantized((float*)scales.Pointer, (sbyte*)codes.Pointer, length, (float*)sum.Pointer);

            (float[] expectedScales, sbyte[] expectedCodes) = Reference(values, 77);
            Assert.That(scales.Of<float>().ToArray(), Is.EqualTo(expectedScales), $"scales, length {length}");
            Assert.That(codes.Of<sbyte>().ToArray(), Is.EqualTo(expectedCodes), $"codes, length {length}");
            Assert.That(back.Of<float>().ToArray(), Is.EqualTo(expectedCodes.Select((c, i) => c * expectedScales[i / Block])), $"back, length {length}");
            Assert.That(sum.Of<float>().ToArray(), Is.EqualTo(values.Select((v, i) => v + (float)(expectedCodes[i] * expectedScales[i / Block]))), $"sum, length {length}");
            foreach (GuardedArray array in new[] { source, scales, codes, back, sum }) array.AssertGuardsIntact();
        }
    }

    [Test]
    public void Roundings_are_unbiased_and_off_by_less_than_a_scale()
    {
        // An element with fraction f has variance f(1-f) <= 1/4 scales per draw. With 4096 draws the mean of one has a deviation of at most 1/128; all
        // are within 5 of those, and the mean over 256 elements within 5 of a sixteenth. The draws are fixed by the keys: they hold, or never do.
        const int Draws = 4096;
        var random = new Random(7);
        using var source = GuardedArray.From<float>([.. Enumerable.Range(0, Block).Select(i => i == 0 ? 127 : (float)((random.NextDouble() * 254) - 127))]);
        using var codes = new GuardedArray(ElementType.I8, Block);
        float scale;
        var totals = new long[Block];
        for (int draw = 0; draw < Draws; draw++)
        {
            Int8Kernels.Quantize((float*)source.Pointer, Block, &scale, (sbyte*)codes.Pointer, RoundingKey.Of(1, draw));
            Assert.That(scale, Is.EqualTo(1));
            for (int i = 0; i < Block; i++)
            {
                sbyte code = codes.Of<sbyte>()[i];
                if (Math.Abs(code - source.Of<float>()[i]) >= 1) Assert.Fail($"{source.Of<float>()[i]} became {code}");
                totals[i] += code;
            }
        }
        double[] errors = [.. totals.Select((total, i) => ((double)total / Draws) - source.Of<float>()[i])];
        Assert.That(errors, Has.All.Matches<double>(error => Math.Abs(error) < 5.0 / 128));
        Assert.That(Math.Abs(errors.Average()), Is.LessThan(5.0 / 128 / 16));
        Assert.That(errors[0], Is.Zero, "the largest element is exact");
    }

    [Test]
    public void Numbers_of_a_stream_and_of_neighbouring_streams_are_uniform_and_unrelated()
    {
        // Deviations of counts of 65536 fair bits are 128, so of means 1/512: 5 of them.
        const int Count = 1 << 16;
        for (int seed = 0; seed < 4; seed++)
        {
            RoundingKey key = RoundingKey.Of(seed), neighbour = RoundingKey.Of(seed + 1);
            for (int bit = 8; bit < 32; bit++)
            {
                int ones = 0, alike = 0, followed = 0;
                for (uint i = 0; i < Count; i++)
                {
                    ones += (int)(key[i] >> bit & 1);
                    alike += (int)(~(key[i] ^ neighbour[i]) >> bit & 1);
                    followed += (int)(~(key[i] ^ key[i + 1]) >> bit & 1);
                }
                Assert.That(new[] { ones, alike, followed }, Is.All.EqualTo(Count / 2).Within(5 * 128), $"seed {seed}, bit {bit}");
            }
        }
    }

    [Test]
    public void Keys_depend_on_every_number_and_their_order()
    {
        RoundingKey[] keys = [RoundingKey.Of(1, 2), RoundingKey.Of(2, 1), RoundingKey.Of(1, 3), RoundingKey.Of(1), RoundingKey.Of(1, 2, 0), RoundingKey.Of(-1, 2)];
        Assert.That(keys, Is.Unique);
        Assert.That(RoundingKey.Of(1, 2), Is.EqualTo(keys[0]));
    }

    [Test]
    public void Negative_counts_are_named() =>
        Assert.That(() => Int8Kernels.Quantize(null, -1, null, null, Key), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static (float[] Scales, sbyte[] Codes) Reference(float[] values, uint firstNumber)
    {
        float[] scales = new float[(values.Length + Block - 1) / Block];
        sbyte[] codes = new sbyte[values.Length];
        for (int block = 0; block < scales.Length; block++)
        {
            int end = Math.Min(values.Length, (block + 1) * Block);
            float[] magnitudes = [.. values[(block * Block)..end].Select(Math.Abs)];
            float max = magnitudes.All(float.IsFinite) ? magnitudes.Max() : float.NaN;
            float inverse = 127 / max;
            scales[block] = float.IsInfinity(inverse) ? 0 : max / 127;
            if (!float.IsFinite(inverse)) continue;
            for (int i = block * Block; i < end; i++)
            {
                float value = values[i] * inverse, below = MathF.Floor(value);
                float uniform = (Key[firstNumber + (uint)i] >> 8) / (float)(1 << 24);
                codes[i] = (sbyte)Math.Clamp(below + (uniform < value - below ? 1 : 0), -127, 127);
            }
        }
        return (scales, codes);
    }
}
