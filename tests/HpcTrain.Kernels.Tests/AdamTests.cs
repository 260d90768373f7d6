namespace HpcTrain.Kernels.Tests;

/// <summary>The fused optimizer step against the formulas of torch.optim.Adam and AdamW, one f32 operation after the other.</summary>
internal sealed unsafe class AdamTests
{
    [Test]
    public void Steps_equal_the_unfused_formulas([Values(0, 1e-2)] double decay, [Values] bool decoupled)
    {
        const double rate = 0.01, beta1 = 0.9, beta2 = 0.99, epsilon = 1e-8;
        for (int length = 0; length <= 120; length++)
        {
            var random = new Random(length);
            using var parameter = Random(length, length % 16, random);
            using var mean = new GuardedArray(ElementType.F32, length, 15 - length % 16);
            using var square = new GuardedArray(ElementType.F32, length, (length + 5) % 16);
            mean.Of<float>().Clear();
            square.Of<float>().Clear();
            float[] p = parameter.Of<float>().ToArray(), m = new float[length], v = new float[length];
            for (int step = 1; step <= 3; step++)
            {
                using var gradient = Random(length, 7, random);
                float[] given = gradient.Of<float>().ToArray();
                Reference(p, given, m, v, step, rate, beta1, beta2, epsilon, decay, decoupled);
                AdamKernels.Step((float*)parameter.Pointer, (float*)gradient.Pointer, (float*)mean.Pointer, (float*)square.Pointer, length, step,
                    rate, beta1, beta2, epsilon, decay, decoupled);
                Assert.That(parameter.Of<float>().SequenceEqual(p), $"parameter, length {length}, step {step}");
                Assert.That(mean.Of<float>().SequenceEqual(m), $"first moment, length {length}, step {step}");
                Assert.That(square.Of<float>().SequenceEqual(v), $"second moment, length {length}, step {step}");
                Assert.That(gradient.Of<float>().SequenceEqual(given), "the gradient is only read");
                parameter.AssertGuardsIntact();
                mean.AssertGuardsIntact();
                square.AssertGuardsIntact();
            }
        }
    }

    [Test]
    public void The_first_step_goes_by_the_learning_rate_against_the_sign_of_the_gradient()
    {
        // mean / (1 - beta1) is the gradient, and square / (1 - beta2) its square, so their quotient is 1 or -1.
        using var parameter = GuardedArray.From<float>([1, 1]);
        using var gradient = GuardedArray.From<float>([1e-3f, -50]);
        using var mean = GuardedArray.From<float>([0, 0]);
        using var square = GuardedArray.From<float>([0, 0]);
        AdamKernels.Step((float*)parameter.Pointer, (float*)gradient.Pointer, (float*)mean.Pointer, (float*)square.Pointer, 2, step: 1, learningRate: 0.25);
        Assert.That(parameter.Of<float>().ToArray(), Is.EqualTo(new[] { 0.75f, 1.25f }).Within(1e-4f));
    }

    [Test]
    public void Bad_arguments_are_named()
    {
        using var a = new GuardedArray(ElementType.F32, 4);
        float* p = (float*)a.Pointer;
        Assert.Multiple(() =>
        {
            Assert.That(() => AdamKernels.Step(p, p, p, p, -1, 1, 0.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => AdamKernels.Step(p, p, p, p, 4, 0, 0.1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("step"));
            Assert.That(() => AdamKernels.Step(p, p, p, p, 4, 1, double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("learningRate"));
            Assert.That(() => AdamKernels.Step(p, p, p, p, 4, 1, 0.1, beta1: 1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("beta1"));
            Assert.That(() => AdamKernels.Step(p, p, p, p, 4, 1, 0.1, beta2: -0.1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("beta2"));
            Assert.That(() => AdamKernels.Step(p, p, p, p, 4, 1, 0.1, epsilon: -1), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("epsilon"));
            Assert.That(() => AdamKernels.Step(p, p, null, p, 4, 1, 0.1), Throws.ArgumentNullException);
            Assert.That(() => AdamKernels.Step(p, p, p, null, 4, 1, 0.1), Throws.ArgumentNullException);
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
        float[] parameter, float[] gradient, float[] mean, float[] square, int step, double rate, double beta1, double beta2, double epsilon, double decay, bool decoupled)
    {
        float size = (float)(rate / (1 - Math.Pow(beta1, step))), root = (float)Math.Sqrt(1 - Math.Pow(beta2, step));
        for (int i = 0; i < parameter.Length; i++)
        {
            float g = gradient[i];
            if (decay != 0 && decoupled)
                parameter[i] *= (float)(1 - rate * decay);
            else if (decay != 0)
            {
                float penalty = parameter[i] * (float)decay;
                g += penalty;
            }
            float kept = mean[i] * (float)beta1, added = g * (float)(1 - beta1);
            mean[i] = kept + added;
            float keptSquare = square[i] * (float)beta2, both = g * g;
            float addedSquare = both * (float)(1 - beta2);
            square[i] = keptSquare + addedSquare;
            float denominator = MathF.Sqrt(square[i]) / root;
            denominator += (float)epsilon;
            float direction = mean[i] / denominator;
            float change = direction * size;
            parameter[i] -= change;
        }
    }
}
