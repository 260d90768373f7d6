using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharpTests.Reference;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharpTests.NN;

/// <summary>Results and gradients are PyTorch's.</summary>
public sealed class FunctionalTests
{
    private static IEnumerable<TestCaseData> Cases()
    {
        yield return Case("relu", [3, 4], x => F.relu(x));
        yield return Case("relu6", [3, 4], x => F.relu6(8 * x));
        yield return Case("leaky_relu", [3, 4], x => F.leaky_relu(x, 0.2));
        yield return Case("elu", [3, 4], x => F.elu(x, 1.5));
        yield return Case("gelu", [3, 4], x => F.gelu(x));
        yield return Case("gelu_tanh", [3, 4], x => F.gelu(x, GELU.Approximate.tanh));
        yield return Case("silu", [3, 4], x => F.silu(x));
        yield return Case("sigmoid", [3, 4], x => F.sigmoid(x));
        yield return Case("tanh", [3, 4], x => F.tanh(x));
        yield return Case("softplus", [3, 4], x => F.softplus(x, 2, 1));
        yield return Case("softmax", [3, 4], x => F.softmax(x, 1));
        yield return Case("log_softmax", [3, 4], x => F.log_softmax(x, 0));
        yield return Case("normalize", [3, 4], x => F.normalize(x, dim: 1));
        yield return Case("linear", [3, 4], x => F.linear(x, Wave([5, 4], 1), Wave([5], 2)));
        yield return Case("conv1d", [2, 3, 8], x => F.conv1d(x, Wave([4, 3, 3], 1), Wave([4], 2), 2, 1));
        yield return Case("conv2d", [2, 4, 6, 5], x => F.conv2d(x, Wave([6, 2, 3, 2], 1), Wave([6], 2), [2, 1], [1, 0], [1, 2], 2));
        yield return Case("conv2d_same", [2, 3, 5, 5], x => F.conv2d_padding(x, Wave([4, 3, 3, 3], 1), null, [1, 1], Padding.Same));
        yield return Case("pad_constant", [2, 3, 4, 5], x => F.pad(x, (1, 2, 0, 1)));
        yield return Case("pad_reflect", [2, 3, 4, 5], x => F.pad(x, [1, 2, 0, 1], PaddingModes.Reflect));
        yield return Case("pad_replicate", [2, 3, 4, 5], x => F.pad(x, [1, 2, 0, 1], PaddingModes.Replicate));
        yield return Case("pad_circular", [2, 3, 4, 5], x => F.pad(x, [1, 2, 0, 1], PaddingModes.Circular));
        yield return Case("max_pool1d", [2, 3, 9], x => F.max_pool1d(x, 3, 2, 1));
        yield return Case("max_pool2d", [2, 3, 6, 7], x => F.max_pool2d(x, (3, 2), (2, 2), (1, 0), ceil_mode: true));
        yield return Case("avg_pool1d", [2, 3, 9], x => F.avg_pool1d(x, 3, 2, 1));
        yield return Case("avg_pool2d", [2, 3, 6, 7], x => F.avg_pool2d(x, 3, 2, 1, count_include_pad: false));
        yield return Case("adaptive_avg_pool1d", [2, 3, 7], x => F.adaptive_avg_pool1d(x, 3));
        yield return Case("adaptive_avg_pool2d", [2, 3, 6, 7], x => F.adaptive_avg_pool2d(x, (2, 3)));
        yield return Case("batch_norm", [4, 3, 2, 2], x =>
            F.batch_norm(x, Wave([3]), Wave([3]).abs() + 1, Wave([3], 1), Wave([3], 2), true, 0.2));
        yield return Case("batch_norm_running", [4, 3], x => F.batch_norm(x, Wave([3]), Wave([3]).abs() + 1));
        yield return Case("layer_norm", [4, 6], x => F.layer_norm(x, [6], Wave([6], 1), Wave([6], 2)));
        yield return Case("group_norm", [2, 4, 3], x => F.group_norm(x, 2, Wave([4], 1), Wave([4], 2)));
        yield return Case("attention", [2, 3, 4], x => F.scaled_dot_product_attention(x, Wave([2, 3, 4], 1), Wave([2, 3, 5], 2)));
        yield return Case("attention_mask", [2, 3, 4], x => F.scaled_dot_product_attention(
            x, Wave([2, 3, 4], 1), Wave([2, 3, 5], 2), tensor([true, true, false, true, true, true, false, true, true]).reshape(3, 3)));
        yield return Case("attention_causal", [2, 3, 4], x =>
            F.scaled_dot_product_attention(x, Wave([2, 3, 4], 1), Wave([2, 3, 5], 2), is_casual: true));
        yield return Case("matmul", [2, 3, 4], x => x.matmul(Wave([2, 4, 5], 1)));
        yield return Case("matmul_broadcast", [2, 3, 4], x => matmul(Wave([2, 1, 5, 3], 1), x));
        yield return Case("transpose", [2, 3, 4], x => x.transpose(-2, -1) * x.reshape(2, 4, 3));
        yield return Case("permute", [2, 3, 4], x => x.permute(2, 0, 1) * x.reshape(4, 2, 3));
        yield return Case("masked_fill", [2, 3, 3], x => x.masked_fill(ones(3, 3).triu(1) == 1, -2.5));
        yield return Case("tril", [2, 4, 5], x => x.tril(-1));
        yield return Case("triu", [2, 4, 5], x => triu(x, 1));
        yield return Case("index_select", [4, 3], x => x.index_select(0, tensor(new long[] { 2, 0, 2 })));
        yield return Case("embedding", [5, 3], x => x[tensor(new long[,] { { 1, 4 }, { 1, 0 } })]);

        Tensor Classes() => tensor(new long[] { 2, 0, 3 });
        Tensor Target() => Wave([3, 4], 1);
        Tensor Weight() => Wave([4], 2).abs();
        foreach (var reduction in Enum.GetValues<nn.Reduction>())
        {
            var end = reduction switch { nn.Reduction.None => "_none", nn.Reduction.Mean => "_mean", _ => "_sum" };
            yield return Case("cross_entropy" + end, [3, 4], x => F.cross_entropy(x, Classes(), reduction: reduction));
            yield return Case("cross_entropy_weighted" + end, [3, 4], x =>
                F.cross_entropy(x, Classes(), Weight(), 0, reduction, label_smoothing: 0.1));
            yield return Case("nll_loss" + end, [3, 4], x => F.nll_loss(F.log_softmax(x, 1), Classes(), Weight(), reduction));
            yield return Case("mse_loss" + end, [3, 4], x => F.mse_loss(x, Target(), reduction));
            yield return Case("l1_loss" + end, [3, 4], x => F.l1_loss(x, Target(), reduction));
            yield return Case("smooth_l1_loss" + end, [3, 4], x => F.smooth_l1_loss(x, Target(), reduction, 0.4));
            yield return Case("huber_loss" + end, [3, 4], x => F.huber_loss(x, Target(), 0.4, reduction));
            yield return Case("binary_cross_entropy" + end, [3, 4], x =>
                F.binary_cross_entropy(x.sigmoid(), Target().sigmoid(), Weight(), reduction));
            yield return Case("binary_cross_entropy_with_logits" + end, [3, 4], x =>
                F.binary_cross_entropy_with_logits(x, Target().sigmoid(), Weight(), reduction, Weight()));
            yield return Case("kl_div" + end, [3, 4], x =>
                F.kl_div(F.log_softmax(x, 1), F.log_softmax(Target(), 1), true, reduction));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void Result_and_gradient_are_PyTorchs(string name, long[] shape, Func<Tensor, Tensor> function)
    {
        using var scope = NewDisposeScope();
        var x = Wave(shape).requires_grad_();
        var y = function(x);
        (y * Wave(y.shape, 0.3)).sum().backward();

        Assert.Multiple(() =>
        {
            Assert.That(Values(y), Is.EqualTo(Get(name + ".result")).Within(1e-7));
            Assert.That(Values(x.grad!), Is.EqualTo(Get(name + ".gradient")).Within(1e-7));
        });
    }

    [Test]
    public void Activations_in_place_change_their_input_and_give_another_object_on_it()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { -2f, 3f });

        var y = F.relu(x, inplace: true);

        Assert.Multiple(() =>
        {
            Assert.That(y, Is.Not.SameAs(x));
            Assert.That(Values(x), Is.EqualTo(new double[] { 0, 3 }));
        });
        x.Dispose();
        Assert.That(Values(y), Is.EqualTo(new double[] { 0, 3 }));
    }

    [Test]
    public void Batch_norm_moves_the_running_statistics_towards_the_batch()
    {
        using var scope = NewDisposeScope();
        var (mean, variance) = (zeros(1), ones(1));

        F.batch_norm(tensor(new[] { 1f, 3f }).reshape(2, 1), mean, variance, training: true, momentum: 0.25);

        Assert.Multiple(() =>
        {
            Assert.That(mean.item<float>(), Is.EqualTo(0.5f));
            Assert.That(variance.item<float>(), Is.EqualTo(0.75f + (0.25f * 2f)));
        });
    }

    [Test]
    public void Dropout_scales_what_it_keeps_and_leaves_evaluation_alone()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var x = ones(10_000);

        var dropped = Values(F.dropout(x, 0.25));

        Assert.Multiple(() =>
        {
            Assert.That(dropped.Distinct(), Is.EquivalentTo(new[] { 0, (double)(1 / 0.75f) }));
            Assert.That(dropped.Count(value => value == 0), Is.InRange(2200, 2800));
            Assert.That(Values(F.dropout(x, 0.25, training: false)), Is.All.EqualTo(1));
        });
    }

    [Test]
    public void One_hot_counts_its_classes_or_takes_their_number()
    {
        using var scope = NewDisposeScope();
        var classes = tensor(new long[] { 0, 2 });
        Assert.Multiple(() =>
        {
            Assert.That(Values(F.one_hot(classes)), Is.EqualTo(new double[] { 1, 0, 0, 0, 0, 1 }));
            Assert.That(F.one_hot(classes, 5).shape, Is.EqualTo(new long[] { 2, 5 }));
        });
    }

    [Test]
    public void Max_pooling_tells_where_the_maxima_stood()
    {
        using var scope = NewDisposeScope();
        var (values, places) = F.max_pool2d_with_indices(Wave([1, 1, 2, 4]), [2, 2]);
        Assert.Multiple(() =>
        {
            Assert.That(Values(values), Is.EqualTo(new[] { Math.Sin(0.7), Math.Sin(1.4) }).Within(1e-12));
            Assert.That(Values(places), Is.EqualTo(new double[] { 1, 2 }));
        });
    }

    [Test]
    public void A_wrong_shape_is_libtorchs_message()
    {
        using var scope = NewDisposeScope();
        Assert.That(
            () => F.linear(ones(2, 3), ones(5, 4)),
            Throws.InstanceOf<System.Runtime.InteropServices.ExternalException>().With.Message.Contain("shapes cannot be multiplied"));
    }

    private static TestCaseData Case(string name, long[] shape, Func<Tensor, Tensor> function) =>
        new TestCaseData(name, shape, function).SetArgDisplayNames(name);
}
