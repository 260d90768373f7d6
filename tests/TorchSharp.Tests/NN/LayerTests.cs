using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharpTests.Reference;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharpTests.NN;

/// <summary>Layers hand their settings to the functions, which FunctionalTests compares with PyTorch.</summary>
public sealed class LayerTests
{
    private static IEnumerable<TestCaseData> Stateless()
    {
        yield return Case("ReLU6", ReLU6(), x => F.relu6(x));
        yield return Case("ELU", ELU(0.7), x => F.elu(x, 0.7));
        yield return Case("LeakyReLU", LeakyReLU(0.3), x => F.leaky_relu(x, 0.3));
        yield return Case("GELU", GELU(), x => F.gelu(x));
        yield return Case("GELU tanh", GELU(TorchSharp.Modules.GELU.Approximate.tanh), x => F.gelu(x, TorchSharp.Modules.GELU.Approximate.tanh));
        yield return Case("SiLU", SiLU(), x => F.silu(x));
        yield return Case("Softmax", Softmax(1), x => F.softmax(x, 1));
        yield return Case("MaxPool1d", MaxPool1d(3, 2), x => F.max_pool1d(x.flatten(1, 2), 3, 2), flat: true);
        yield return Case("AvgPool1d", AvgPool1d(3, 2, 1), x => F.avg_pool1d(x.flatten(1, 2), 3, 2, 1), flat: true);
        yield return Case("AdaptiveAvgPool1d", AdaptiveAvgPool1d(4), x => F.adaptive_avg_pool1d(x.flatten(1, 2), 4), flat: true);
        yield return Case("MaxPool2d", MaxPool2d((3, 2), (1, 2), (1, 0), (1, 1), true), x => F.max_pool2d(x, (3, 2), (1, 2), (1, 0), null, true));
        yield return Case("MaxPool2d square", MaxPool2d(2), x => F.max_pool2d(x, 2));
        yield return Case("AvgPool2d", AvgPool2d((3, 2), padding: (1, 1), divisor_override: 5), x =>
            F.avg_pool2d(x, (3, 2), padding: (1, 1), divisor_override: 5));
        yield return Case("AdaptiveAvgPool2d", AdaptiveAvgPool2d((2, 3)), x => F.adaptive_avg_pool2d(x, (2, 3)));
        yield return Case("Flatten", Flatten(1, 2), x => x.flatten(1, 2));
        yield return Case("Unflatten", Unflatten(1, [1, 3]), x => x.unflatten(1, 1, 3));
    }

    [TestCaseSource(nameof(Stateless))]
    public void Settings_reach_the_function(string name, Module<Tensor, Tensor> layer, Func<Tensor, Tensor> function, bool flat)
    {
        using var scope = NewDisposeScope();
        var x = Wave([2, 3, 6, 5]);
        var (actual, expected) = (layer.call(flat ? x.flatten(1, 2) : x), function(x));
        Assert.That(actual.shape, Is.EqualTo(expected.shape), name);
        Assert.That(Values(actual), Is.EqualTo(Values(expected)), name);
    }

    [Test]
    public void Convolutions_pad_in_every_mode()
    {
        using var scope = NewDisposeScope();
        var x = Wave([1, 2, 6, 6], dtype: ScalarType.Float32);
        foreach (var mode in new[] { PaddingModes.Reflect, PaddingModes.Replicate, PaddingModes.Circular })
        {
            using var layer = Conv2d(2, 3, 3, padding: 2, padding_mode: mode);
            var expected = F.conv2d(F.pad(x, [2, 2, 2, 2], mode), layer.weight, layer.bias);
            Assert.That(Values(layer.call(x)), Is.EqualTo(Values(expected)), mode.ToString());
        }

        using var same = Conv2d(2, 3, 5, Padding.Same);
        using var rows = Conv1d(2, 3, 3, Padding.Same, padding_mode: PaddingModes.Reflect);
        Assert.Multiple(() =>
        {
            Assert.That(same.call(x).shape, Is.EqualTo(new long[] { 1, 3, 6, 6 }));
            Assert.That(rows.call(x[0].select(1, 0)).shape, Is.EqualTo(new long[] { 3, 6 }));
            Assert.That(() => same.call(ones(1, 5, 6, 6)), Throws.ArgumentException.With.Message.Contain("2 channels"));
            Assert.That(() => Conv2d(2, 3, 3, Padding.Same, stride: 2), Throws.ArgumentException);
        });
    }

    [Test]
    public void Batch_norm_uses_the_batch_while_training_and_its_history_afterwards()
    {
        using var scope = NewDisposeScope();
        using var norm = BatchNorm1d(1, momentum: 0.5);
        var batch = tensor(new[] { 1f, 3f }).reshape(2, 1);

        var trained = norm.call(batch);
        norm.eval();
        var evaluated = norm.call(batch);

        Assert.Multiple(() =>
        {
            Assert.That(Values(trained), Is.EqualTo(new double[] { -1, 1 }).Within(1e-4));
            // The mean moved half way from 0 to 2, the variance half way from 1 to 2 (unbiased).
            Assert.That(Values(evaluated), Is.EqualTo(new[] { 0, 2 / Math.Sqrt(1.5) }).Within(1e-4));
            Assert.That(norm.num_batches_tracked!.item<long>(), Is.EqualTo(1));
            Assert.That(() => norm.call(ones(1, 1, 1, 1)), Throws.ArgumentException);
        });
        norm.reset_running_stats();
        Assert.That(norm.running_mean!.item<float>(), Is.Zero);
    }

    [Test]
    public void Batch_norm_without_history_always_uses_the_batch()
    {
        using var scope = NewDisposeScope();
        using var norm = BatchNorm2d(1, affine: false, track_running_stats: false);
        norm.eval();
        var output = norm.call(Wave([2, 1, 2, 2], dtype: ScalarType.Float32));
        Assert.Multiple(() =>
        {
            Assert.That(output.mean().item<float>(), Is.Zero.Within(1e-6));
            Assert.That(norm.parameters(), Is.Empty);
            Assert.That(norm.buffers(), Is.Empty);
        });
    }

    [Test]
    public void Layer_and_group_norm_start_as_plain_normalisation()
    {
        using var scope = NewDisposeScope();
        using var layer = LayerNorm([2, 3]);
        using var group = GroupNorm(2, 4);
        using var plain = LayerNorm(3, elementwise_affine: false);
        using var unshifted = LayerNorm(3, bias: false);
        Assert.Multiple(() =>
        {
            Assert.That(layer.call(Wave([4, 2, 3], dtype: ScalarType.Float32)).mean([1, 2]).abs().max().item<float>(), Is.LessThan(1e-6));
            // The real package leaves GroupNorm's parameters as the memory was.
            if (!IsUpstream)
                Assert.That(group.call(Wave([2, 4, 3], dtype: ScalarType.Float32)).mean().abs().item<float>(), Is.LessThan(1e-6));
            Assert.That(plain.parameters(), Is.Empty);
            Assert.That(unshifted.parameters().Count(), Is.EqualTo(1));
        });
    }

    [Test]
    public void Embedding_looks_rows_up_and_trains_all_but_the_padding()
    {
        using var scope = NewDisposeScope();
        using var embedding = Embedding(4, 3, padding_idx: 1);

        var rows = embedding.call(tensor(new long[] { 0, 1, 3, 0 }).reshape(2, 2));
        rows.sum().backward();

        Assert.Multiple(() =>
        {
            Assert.That(rows.shape, Is.EqualTo(new long[] { 2, 2, 3 }));
            Assert.That(Values(embedding.weight![1]), Is.All.Zero);
            Assert.That(Values(embedding.weight!.grad!), Is.EqualTo(new double[] { 2, 2, 2, 0, 0, 0, 0, 0, 0, 1, 1, 1 }));
        });
    }

    [Test]
    public void Embedding_takes_a_table_and_limits_norms()
    {
        using var scope = NewDisposeScope();
        using var frozen = Embedding_from_pretrained(ones(3, 4));
        using var limited = Embedding_from_pretrained(ones(3, 4), freeze: false, max_norm: 1);
        var rows = limited.call(tensor(new long[] { 2 }));
        Assert.Multiple(() =>
        {
            Assert.That(frozen.weight!.requires_grad, Is.False);
            Assert.That(limited.weight!.requires_grad, Is.True);
            Assert.That(Values(rows), Is.All.EqualTo(0.5).Within(1e-4));
        });
    }

    [Test]
    public void Dropout_is_quiet_in_evaluation()
    {
        using var scope = NewDisposeScope();
        using var dropout = Dropout(0.9);
        Assert.That(Values(dropout.call(ones(100))), Does.Contain(0.0));
        dropout.eval();
        Assert.That(Values(dropout.call(ones(100))), Is.All.EqualTo(1));
    }

    [Test]
    public void Loss_modules_hand_their_settings_on()
    {
        using var scope = NewDisposeScope();
        var (x, y, classes) = (Wave([3, 4]), Wave([3, 4], 1), tensor(new long[] { 2, 0, 3 }));
        var weight = Wave([4], 2).abs();
        Assert.Multiple(() =>
        {
            Assert.That(
                Values(new TorchSharp.Modules.CrossEntropyLoss(weight, 0, Reduction.Sum, 0.1).call(x, classes)),
                Is.EqualTo(Get("cross_entropy_weighted_sum.result")).Within(1e-7));
            Assert.That(Values(CrossEntropyLoss().call(x, classes)), Is.EqualTo(Get("cross_entropy_mean.result")).Within(1e-7));
            Assert.That(Values(NLLLoss(weight).call(F.log_softmax(x, 1), classes)), Is.EqualTo(Get("nll_loss_mean.result")).Within(1e-7));
            Assert.That(Values(MSELoss(Reduction.None).call(x, y)), Is.EqualTo(Get("mse_loss_none.result")).Within(1e-7));
            Assert.That(Values(L1Loss().call(x, y)), Is.EqualTo(Get("l1_loss_mean.result")).Within(1e-7));
            Assert.That(Values(SmoothL1Loss(beta: 0.4).call(x, y)), Is.EqualTo(Get("smooth_l1_loss_mean.result")).Within(1e-7));
            Assert.That(Values(HuberLoss(0.4).call(x, y)), Is.EqualTo(Get("huber_loss_mean.result")).Within(1e-7));
            Assert.That(
                Values(BCELoss(weight).call(x.sigmoid(), y.sigmoid())), Is.EqualTo(Get("binary_cross_entropy_mean.result")).Within(1e-7));
            Assert.That(
                Values(BCEWithLogitsLoss(weight, Reduction.Sum, weight).call(x, y.sigmoid())),
                Is.EqualTo(Get("binary_cross_entropy_with_logits_sum.result")).Within(1e-7));
            Assert.That(
                Values(KLDivLoss().call(F.log_softmax(x, 1), F.log_softmax(y, 1))), Is.EqualTo(Get("kl_div_mean.result")).Within(1e-7));
        });
    }

    private static TestCaseData Case(string name, Module<Tensor, Tensor> layer, Func<Tensor, Tensor> function, bool flat = false) =>
        new TestCaseData(name, layer, function, flat).SetArgDisplayNames(name);
}
