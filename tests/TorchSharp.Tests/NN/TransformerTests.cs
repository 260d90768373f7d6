using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharpTests.Reference;

namespace TorchSharpTests.NN;

/// <summary>Attention and encoder as modules: results and gradients are PyTorch's.</summary>
public sealed class TransformerTests
{
    private static Tensor Mask => ones(4, 4).triu(1) == 1;

    private static Tensor Padding => tensor(new[,] { { false, false, false, true }, { false, false, false, false } });

    private static IEnumerable<TestCaseData> Cases()
    {
        yield return Case("multihead", 4, x => Own().call(x, x, x).Item1);
        yield return Case("multihead_weights", 4, x => Own().call(x, x, x, Padding, attn_mask: Mask).Item2);
        yield return Case("multihead_added", 4, x => Own().call(x, x, x, attn_mask: Wave([4, 4], 2), need_weights: false).Item1);
        yield return Case("multihead_each", 4, x => Own().call(x, x, x, attn_mask: Wave([4, 4, 4], 2) > 0.8).Item1);
        yield return Case("multihead_other", 3, x => Made(MultiheadAttention(8, 2, add_bias_kv: true, add_zero_attn: true, kdim: 6, vdim: 5))
            .call(x, Wave([4, 2, 6], 1), Wave([4, 2, 5], 2), Padding, attn_mask: Mask[1..]).Item1);
        yield return Case("encoder_layer_relu", 4, x => Layer(Activations.ReLU).call(x, Mask, Padding));
        yield return Case("encoder_layer_gelu", 4, x => Layer(Activations.GELU).call(x, Mask, Padding));
        yield return Case("encoder", 4, x => Made(TransformerEncoder(Layer(Activations.GELU), 2), waves: false).call(x, Mask, Padding));
        yield return Case("encoder_plain", 4, x => Made(TransformerEncoder(Layer(Activations.GELU), 2), waves: false).call(x));
    }

    [TestCaseSource(nameof(Cases))]
    public void Result_and_gradient_are_PyTorchs(string name, long positions, Func<Tensor, Tensor> function)
    {
        using var scope = NewDisposeScope();
        var x = Wave([positions, 2, 8]).requires_grad_();
        var y = function(x);
        (y * Wave(y.shape, 0.3)).sum().backward();

        Assert.Multiple(() =>
        {
            Assert.That(Values(y), Is.EqualTo(Get(name + ".result")).Within(1e-7));
            Assert.That(Values(x.grad!), Is.EqualTo(Get(name + ".gradient")).Within(1e-7));
        });
    }

    [Test]
    public void Attention_starts_with_PyTorchs_numbers_and_names()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using var attention = MultiheadAttention(4, 2, add_bias_kv: true);
        var state = attention.state_dict();
        Assert.That(state.Keys, Is.EquivalentTo(new[] { "in_proj_weight", "in_proj_bias", "bias_k", "bias_v", "out_proj.weight", "out_proj.bias" }));
        foreach (var (name, tensor) in state)
            Assert.That(Values(tensor), Is.EqualTo(Get("init.MultiheadAttention." + name)).Within(1e-6), name);
    }

    [Test]
    public void An_encoders_layers_are_copies_that_train_apart()
    {
        using var scope = NewDisposeScope();
        using var layer = TransformerEncoderLayer(8, 2, 12);
        using var encoder = TransformerEncoder(layer, 3);
        var names = encoder.named_parameters().Select(named => named.name).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(names, Has.Count.EqualTo(36));
            Assert.That(names, Does.Contain("layers.0.self_attn.in_proj_weight").And.Contain("layers.2.norm2.bias").And.Contain("layers.1.linear1.weight"));
            Assert.That(encoder.get_parameter("layers.2.linear1.weight")!.Equals(layer.get_parameter("linear1.weight")!), Is.True);
        });
        using (no_grad()) encoder.get_parameter("layers.0.linear1.weight")!.zero_();
        Assert.That(encoder.get_parameter("layers.1.linear1.weight")!.abs().sum().item<float>(), Is.Positive);
        Assert.That(layer.get_parameter("linear1.weight")!.abs().sum().item<float>(), Is.Positive);
    }

    [Test]
    public void Attention_drops_weights_while_training()
    {
        using var scope = NewDisposeScope();
        using var attention = MultiheadAttention(8, 2, dropout: 0.9);
        var x = rand(6, 2, 8);
        Assert.That(Values(attention.call(x, x, x).Item2), Does.Contain(0.0));
        attention.eval();
        Assert.That(Values(attention.call(x, x, x).Item2.sum(-1)), Is.All.EqualTo(1).Within(1e-5));
    }

    private static TorchSharp.Modules.MultiheadAttention Own() => Made(MultiheadAttention(8, 2));

    private static TorchSharp.Modules.TransformerEncoderLayer Layer(Activations activation) => Made(TransformerEncoderLayer(8, 2, 12, 0, activation));

    private static T Made<T>(T module, bool waves = true) where T : Module
    {
        if (waves) FromWaves(module);
        return module.to(ScalarType.Float64);
    }

    private static TestCaseData Case(string name, long positions, Func<Tensor, Tensor> function) =>
        new TestCaseData(name, positions, function).SetArgDisplayNames(name);
}
