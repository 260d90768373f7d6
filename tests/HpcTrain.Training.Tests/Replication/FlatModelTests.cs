using HpcTrain.Training.Replication;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HpcTrain.Training.Tests.Replication;

public sealed class FlatModelTests
{
    [Test]
    public void Parameters_keep_their_values_and_become_views_of_the_flat_buffer()
    {
        using var module = Model();
        var before = module.named_parameters().ToDictionary(p => p.name, p => p.parameter.data<float>().ToArray());
        using var flat = new FlatModel(module);

        foreach (var slot in flat.Slots)
        {
            Assert.That(flat.Values.Slice(slot.Offset, slot.Count).ToArray(), Is.EqualTo(before[slot.Name]), slot.Name);
            Assert.That(slot.Offset % 16, Is.Zero, "each parameter starts at a multiple of 64 bytes");
        }

        flat.Values.Clear();
        Assert.That(module.named_parameters().SelectMany(p => p.parameter.data<float>().ToArray()), Is.All.Zero);
    }

    [Test]
    public void Backward_adds_into_the_flat_gradient()
    {
        using var module = Model();
        using var flat = new FlatModel(module);
        using var input = rand(5, 3);

        Backward(module, input);
        var once = flat.Gradients.ToArray();
        Backward(module, input);
        var twice = flat.Gradients.ToArray();

        Assert.That(once, Has.Some.Not.Zero);
        Assert.That(twice, Is.EqualTo(once.Select(g => 2 * g)).Within(1e-6));
        flat.ZeroGradients();
        Assert.That(flat.Gradients.ToArray(), Is.All.Zero);
        Backward(module, input);
        Assert.That(flat.Gradients.ToArray(), Is.EqualTo(once), "still views after zeroing");
    }

    [Test]
    public void Writing_the_flat_buffer_changes_what_forward_computes()
    {
        using var module = Model();
        using var flat = new FlatModel(module);
        flat.Values.Clear();
        using var output = module.call(rand(4, 3));
        Assert.That(output.data<float>().ToArray(), Is.All.Zero);
    }

    [Test]
    public void Frozen_parameters_and_buffers_are_not_trained_but_listed()
    {
        using var module = Sequential(("linear", Linear(3, 4)), ("norm", BatchNorm1d(4)));
        module.get_parameter("linear.bias")!.requires_grad_(false);
        using var flat = new FlatModel(module);

        Assert.That(flat.Slots.Select(s => s.Name), Is.EquivalentTo(new[] { "linear.weight", "norm.weight", "norm.bias" }));
        Assert.That(flat.OtherState.Select(o => o.Name), Is.EquivalentTo(new[] { "linear.bias", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked" }));
    }

    [Test]
    public void Other_types_and_models_without_parameters_are_refused()
    {
        using var wide = Linear(2, 2, dtype: float64);
        Assert.That(() => new FlatModel(wide), Throws.TypeOf<TrainingException>().With.Message.Contains("weight").And.Message.Contains("Float64"));
        using var none = ReLU();
        Assert.That(() => new FlatModel(none), Throws.TypeOf<TrainingException>().With.Message.Contains("nothing to train"));
    }

    [Test]
    public void The_digest_tells_one_changed_bit()
    {
        using var module = Model();
        using var flat = new FlatModel(module);
        var before = flat.Digest();
        Assert.That(flat.Digest(), Is.EqualTo(before));
        flat.Values[flat.Slots[^1].Offset] = MathF.BitIncrement(flat.Values[flat.Slots[^1].Offset]);
        Assert.That(flat.Digest(), Is.Not.EqualTo(before));
    }

    private static Module<Tensor, Tensor> Model() => Sequential(("a", Linear(3, 5)), ("relu", ReLU()), ("b", Linear(5, 2)));

    private static void Backward(Module<Tensor, Tensor> module, Tensor input)
    {
        using var scope = NewDisposeScope();
        module.call(input).square().sum().backward();
    }
}
