using HpcTrain.Training.Optimizers;
using static TorchSharp.torch;

namespace HpcTrain.Training.Tests.Optimizers;

/// <summary>The fused optimizers beside torch.optim's, from the same weights by the same gradients.</summary>
public sealed class OptimizerTests
{
    private const int Length = 1000, Steps = 100;
    private const double Rate = 0.01, Decay = 1e-2;
    private static readonly OptimizerKind[] _elementwise = [OptimizerKind.Sgd, OptimizerKind.Nesterov, OptimizerKind.Adam, OptimizerKind.AdamW];

    [Test]
    public void A_hundred_steps_agree_with_torch([ValueSource(nameof(_elementwise))] OptimizerKind kind)
    {
        var random = new Random(7);
        float[] start = [.. Enumerable.Range(0, Length).Select(_ => Number(random))];
        var ours = start.ToArray();
        var optimizer = Make(kind);
        optimizer.Prepare(Length);

        using var scope = NewDisposeScope();
        using var parameter = new TorchSharp.Modules.Parameter(tensor(start));
        using optim.Optimizer theirs = kind switch
        {
            OptimizerKind.Adam => optim.Adam([parameter], Rate, weight_decay: Decay),
            OptimizerKind.AdamW => optim.AdamW([parameter], Rate, weight_decay: Decay),
            _ => optim.SGD([parameter], Rate, 0.9, weight_decay: Decay, nesterov: kind == OptimizerKind.Nesterov),
        };
        for (var step = 0; step < Steps; step++)
        {
            float[] gradient = [.. Enumerable.Range(0, Length).Select(_ => Number(random))];
            parameter.grad = tensor(gradient);
            theirs.step();
            optimizer.Step(ours, gradient, Rate);
        }

        var expected = parameter.detach().data<float>().ToArray();
        for (var i = 0; i < Length; i++)
        {
            Assert.That(ours[i], Is.EqualTo(expected[i]).Within(1e-5 * Math.Max(1, Math.Abs(expected[i]))), $"{kind}, element {i}");
        }

        Assert.That(optimizer.Steps, Is.EqualTo(Steps));
        Assert.That(ours, Is.Not.EqualTo(start));
    }

    [Test]
    public void State_that_is_restored_goes_on_as_if_nothing_had_happened([Values] bool decoupled)
    {
        var random = new Random(3);
        float[] whole = [.. Enumerable.Range(0, 50).Select(_ => Number(random))];
        var parts = whole.ToArray();
        float[][] gradients = [.. Enumerable.Range(0, 10).Select(_ => Enumerable.Range(0, 50).Select(_ => Number(random)).ToArray())];
        var one = Prepared(decoupled);
        var first = Prepared(decoupled);
        foreach (var gradient in gradients)
        {
            one.Step(whole, gradient.ToArray(), Rate);
        }

        foreach (var gradient in gradients[..4])
        {
            first.Step(parts, gradient.ToArray(), Rate);
        }

        var second = Prepared(decoupled);
        foreach (var (name, buffer) in first.State)
        {
            buffer.CopyTo(second.State[name], 0);
        }

        second.RestoreSteps(first.Steps);
        foreach (var gradient in gradients[4..])
        {
            second.Step(parts, gradient.ToArray(), Rate);
        }

        Assert.That(parts, Is.EqualTo(whole));
        Assert.That(first.State.Keys, Is.EquivalentTo(new[] { "mean", "square" }));
        Assert.That(first.Name, Is.EqualTo(decoupled ? "adamw" : "adam"));
    }

    [Test]
    public void A_step_in_parts_is_a_step([ValueSource(nameof(_elementwise))] OptimizerKind kind)
    {
        var random = new Random(5);
        float[] whole = [.. Enumerable.Range(0, Length).Select(_ => Number(random))];
        var parts = whole.ToArray();
        var (one, other) = (Make(kind), Make(kind));
        one.Prepare(Length);
        other.Prepare(Length);
        for (var step = 0; step < 5; step++)
        {
            float[] gradient = [.. Enumerable.Range(0, Length).Select(_ => Number(random))];
            one.Step(whole, gradient, Rate);
            foreach (var (begin, end) in new[] { (700, Length), (0, 37), (37, 700) })
            {
                other.StepPart(parts.AsSpan(begin..end), gradient.AsSpan(begin..end), begin, Rate);
            }

            other.EndStep();
        }

        Assert.That(parts, Is.EqualTo(whole));
        Assert.That(other.Steps, Is.EqualTo(one.Steps));
    }

    [Test]
    public void Layers_that_are_not_known_are_refused()
    {
        foreach (var optimizer in new FlatOptimizer[] { new Lars(), new Lamb() })
        {
            optimizer.Prepare(5);
            Assert.That(() => optimizer.Step(new float[5], new float[5], Rate), Throws.InvalidOperationException.With.Message.Contains(optimizer.Name));
        }
    }

    [Test]
    public void Buffers_of_other_lengths_are_refused()
    {
        Assert.That(() => Prepared(false).Step(new float[51], new float[51], Rate), Throws.ArgumentException.With.Message.Contains("Prepare"));
        Assert.That(() => Prepared(false).StepPart(new float[9], new float[9], 42, Rate), Throws.ArgumentException.With.Message.Contains("9 parameters from 42 of 50"));
        Assert.That(() => Prepared(false).Step(new float[50], new float[49], Rate), Throws.ArgumentException.With.Message.Contains("49 gradients"));
    }

    private static FlatOptimizer Make(OptimizerKind kind) => kind switch
    {
        OptimizerKind.Adam => new Adam(weightDecay: Decay),
        OptimizerKind.AdamW => new Adam(weightDecay: Decay, decoupled: true),
        _ => new Sgd(0.9, Decay, nesterov: kind == OptimizerKind.Nesterov),
    };

    private static Adam Prepared(bool decoupled)
    {
        var adam = new Adam(weightDecay: Decay, decoupled: decoupled);
        adam.Prepare(50);
        return adam;
    }

    private static float Number(Random random) => (float)((random.NextDouble() - 0.5) * 2);
}
