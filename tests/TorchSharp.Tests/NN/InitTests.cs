using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharpTests.Reference;

namespace TorchSharpTests.NN;

/// <summary>With PyTorch's seed, the numbers are PyTorch's.</summary>
public sealed class InitTests
{
    private static IEnumerable<TestCaseData> Fills()
    {
        yield return new("uniform", (Tensor x) => init.uniform_(x, -2, 3));
        yield return new("normal", (Tensor x) => init.normal_(x, 1, 2));
        yield return new("trunc_normal", (Tensor x) => init.trunc_normal_(x, 1, 2, -1, 2));
        yield return new("xavier_uniform", (Tensor x) => init.xavier_uniform_(x, 1.5));
        yield return new("xavier_normal", (Tensor x) => init.xavier_normal_(x, 1.5));
        yield return new("kaiming_uniform", (Tensor x) => init.kaiming_uniform_(x, 0.3));
        yield return new("kaiming_normal", (Tensor x) =>
            init.kaiming_normal_(x, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU));
        yield return new("eye", (Tensor x) => init.eye_(x));
    }

    [TestCaseSource(nameof(Fills))]
    public void Fill_gives_PyTorchs_numbers(string name, Func<Tensor, Tensor> fill)
    {
        if (IsUpstream && name is ("xavier_normal" or "trunc_normal"))
            Assert.Ignore("The real package has its own ways here: xavier_normal_ is uniform, trunc_normal_ draws until it fits.");
        using var scope = NewDisposeScope();
        manual_seed(7);
        var x = empty(4, 6).requires_grad_();

        var filled = fill(x);

        Assert.Multiple(() =>
        {
            Assert.That(Values(filled), Is.EqualTo(Get("init." + name)).Within(1e-6));
            Assert.That(x.is_leaf, Is.True);
        });
    }

    [Test]
    public void Layers_start_as_PyTorchs()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var linear = Linear(5, 4);
        manual_seed(7);
        var conv1 = Conv1d(2, 3, 4);
        manual_seed(7);
        var conv2 = Conv2d(2, 4, (3, 2), groups: 2);
        manual_seed(7);
        var embedding = Embedding(6, 3, padding_idx: 4);

        Assert.Multiple(() =>
        {
            Assert.That(Values(linear.weight), Is.EqualTo(Get("init.Linear.weight")).Within(1e-6));
            Assert.That(Values(linear.bias!), Is.EqualTo(Get("init.Linear.bias")).Within(1e-6));
            Assert.That(Values(conv1.weight), Is.EqualTo(Get("init.Conv1d.weight")).Within(1e-6));
            Assert.That(Values(conv1.bias!), Is.EqualTo(Get("init.Conv1d.bias")).Within(1e-6));
            Assert.That(Values(conv2.weight), Is.EqualTo(Get("init.Conv2d.weight")).Within(1e-6));
            Assert.That(Values(conv2.bias!), Is.EqualTo(Get("init.Conv2d.bias")).Within(1e-6));
            Assert.That(Values(embedding.weight!), Is.EqualTo(Get("init.Embedding.weight")).Within(1e-6));
        });
    }

    [Test]
    public void Fan_in_and_fan_out_count_the_window()
    {
        using var scope = NewDisposeScope();
        Assert.Multiple(() =>
        {
            Assert.That(init.CalculateFanInAndFanOut(empty(4, 6)), Is.EqualTo((6L, 4L)));
            Assert.That(init.CalculateFanInAndFanOut(empty(4, 6, 3, 2)), Is.EqualTo((36L, 24L)));
            Assert.That(() => init.CalculateFanInAndFanOut(empty(4)), Throws.ArgumentException);
        });
    }

    [TestCase(init.NonlinearityType.Linear, 0, 1)]
    [TestCase(init.NonlinearityType.Conv2D, 0, 1)]
    [TestCase(init.NonlinearityType.Sigmoid, 0, 1)]
    [TestCase(init.NonlinearityType.Tanh, 0, 5.0 / 3)]
    [TestCase(init.NonlinearityType.ReLU, 0, 1.4142135623730951)]
    [TestCase(init.NonlinearityType.LeakyReLU, 1, 1)]
    public void Gain_is_PyTorchs(init.NonlinearityType nonlinearity, double slope, double gain) =>
        Assert.That(init.calculate_gain(nonlinearity, slope), Is.EqualTo(gain).Within(1e-12));
}
