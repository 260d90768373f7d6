namespace HpcTrain.Kernels.Tests;

/// <summary>The fused optimizer step against the formulas of torch.optim.SGD, one f32 operation after the other.</summary>
internal sealed unsafe class SgdTests
{
    private static readonly IEnumerable<TestCaseData> Settings =
        from momentum in new[] { 0, 0.9 }
        from dampening in new[] { 0, 0.25 }
        from decay in new[] { 0, 5e-4 }
        from nesterov in new[] { false, true }
        where !nesterov || (momentum > 0 && dampening == 0)
        select new TestCaseData(momentum, dampening, decay, nesterov);

    [TestCaseSource(nameof(Settings))]
    public void Steps_equal_the_unfused_formulas(double momentum, double dampening, double decay, bool nesterov)
    {
        const double rate = 0.05;
        for (int length = 0; length <= 200; length++)
        {
            var random = new Random(length);
            using var parameter = Random(length, length % 16, random);
            using var buffer = Random(length, 15 - length % 16, random);
            float[] expectedParameter = parameter.Of<float>().ToArray();
            float[] expectedBuffer = buffer.Of<float>().ToArray();
            for (int step = 0; step < 3; step++)
            {
                using var gradient = Random(length, 7, random);
                float[] given = gradient.Of<float>().ToArray();
                Reference(expectedParameter, given, expectedBuffer, rate, momentum, dampening, decay, nesterov, step == 0);

                float* p = (float*)parameter.Pointer, g = (float*)gradient.Pointer, m = (float*)buffer.Pointer;
                if (step == 0) SgdKernels.FirstStep(p, g, m, length, rate, momentum, dampening, decay, nesterov);
                else SgdKernels.Step(p, g, m, length, rate, momentum, dampening, decay, nesterov);

                Assert.That(parameter.Of<float>().SequenceEqual(expectedParameter), $"parameter, length {length}, step {step}");
                Assert.That(buffer.Of<float>().SequenceEqual(expectedBuffer), $"momentum, length {length}, step {step}");
                Assert.That(gradient.Of<float>().SequenceEqual(given), "the gradient is only read");
                parameter.AssertGuardsIntact();
                buffer.AssertGuardsIntact();
                gradient.AssertGuardsIntact();
            }
        }
    }

    [Test]
    public void Absent_terms_touch_nothing()
    {
        // 0 x infinity would be NaN: without decay and momentum neither may be computed.
        using var parameter = GuardedArray.From<float>([float.PositiveInfinity, 1, 2]);
        using var gradient = GuardedArray.From<float>([1, 1, 1]);
        SgdKernels.Step((float*)parameter.Pointer, (float*)gradient.Pointer, null, 3, learningRate: 0.5);
        Assert.That(parameter.Of<float>().ToArray(), Is.EqualTo(new[] { float.PositiveInfinity, 0.5f, 1.5f }));
    }

    [Test]
    public void The_first_step_ignores_what_the_buffer_held()
    {
        using var parameter = GuardedArray.From<float>([1]);
        using var gradient = GuardedArray.From<float>([2]);
        using var buffer = GuardedArray.From<float>([float.NaN]);
        SgdKernels.FirstStep(
            (float*)parameter.Pointer, (float*)gradient.Pointer, (float*)buffer.Pointer, 1, 0.25, 0.9, dampening: 0.5);
        Assert.That((parameter.Of<float>()[0], buffer.Of<float>()[0]), Is.EqualTo((0.5f, 2f)));
    }

    [Test]
    public void Bad_arguments_are_named()
    {
        using var a = new GuardedArray(ElementType.F32, 4);
        float* p = (float*)a.Pointer;
        Assert.Multiple(() =>
        {
            Assert.That(() => SgdKernels.Step(p, p, p, -1, 0.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => SgdKernels.Step(p, p, p, 4, -0.1),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("learningRate"));
            Assert.That(() => SgdKernels.Step(p, p, p, 4, double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => SgdKernels.Step(p, p, p, 4, 0.1, -1),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("momentumFactor"));
            Assert.That(() => SgdKernels.Step(p, p, p, 4, 0.1, 0.9, 0, -1),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("weightDecay"));
            Assert.That(() => SgdKernels.Step(p, p, null, 4, 0.1, 0.9), Throws.ArgumentNullException);
            Assert.That(() => SgdKernels.Step(p, p, p, 4, 0.1, nesterov: true),
                Throws.ArgumentException.With.Message.Contains("Nesterov"));
            Assert.That(() => SgdKernels.FirstStep(p, p, p, 4, 0.1, 0.9, 0.5, nesterov: true),
                Throws.ArgumentException.With.Message.Contains("Nesterov"));
        });
    }

    private static GuardedArray Random(int length, int offset, Random random)
    {
        var array = new GuardedArray(ElementType.F32, length, offset);
        foreach (ref float value in array.Of<float>())
            value = random.Next(10) == 0 ? 0 : (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-3, 3)));
        return array;
    }

    private static void Reference(
        float[] parameter, float[] gradient, float[] buffer,
        double rate, double momentum, double dampening, double decay, bool nesterov, bool first)
    {
        for (int i = 0; i < parameter.Length; i++)
        {
            float d = gradient[i];
            if (decay != 0)
            {
                float penalty = parameter[i] * (float)decay;
                d += penalty;
            }
            if (momentum != 0)
            {
                if (first) buffer[i] = d;
                else
                {
                    float kept = buffer[i] * (float)momentum;
                    float added = d * (float)(1 - dampening);
                    buffer[i] = kept + added;
                }
                float ahead = buffer[i] * (float)momentum;
                d = nesterov ? d + ahead : buffer[i];
            }
            float change = d * (float)rate;
            parameter[i] -= change;
        }
    }
}
