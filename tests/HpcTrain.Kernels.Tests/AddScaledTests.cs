namespace HpcTrain.Kernels.Tests;

internal sealed unsafe class AddScaledTests
{
    [Test]
    public void Products_are_rounded_before_they_are_added()
    {
        for (int length = 0; length <= 100; length++)
        {
            var random = new Random(length);
            float[] Numbers() => [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() - 0.5f) * MathF.Pow(10, random.Next(-3, 3)))];
            using var destination = GuardedArray.From<float>(Numbers(), length % 16);
            using var source = GuardedArray.From<float>(Numbers(), 7);
            float factor = (float)(random.NextDouble() - 0.5);
            float[] expected = [.. destination.Of<float>().ToArray().Zip(source.Of<float>().ToArray(), (d, s) => (float)(d + (double)(float)((double)s * factor)))];
            HostKernels.AddScaled((float*)destination.Pointer, (float*)source.Pointer, length, factor);
            Assert.That(destination.Of<float>().ToArray(), Is.EqualTo(expected), $"{length}");
            destination.AssertGuardsIntact();
            source.AssertGuardsIntact();
        }
    }

    [Test]
    public void A_negative_count_is_refused() => Assert.That(() => HostKernels.AddScaled(null, null, -1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
