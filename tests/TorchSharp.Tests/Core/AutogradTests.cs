using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharpTests.Core.Values;

namespace TorchSharpTests.Core;

public sealed class AutogradTests
{
    private static IEnumerable<TestCaseData> Functions()
    {
        TestCaseData Case(string name, Func<Tensor, Tensor> function) => new TestCaseData(function).SetArgDisplayNames(name);

        yield return Case("x^2", x => x * x);
        yield return Case("sin exp", x => x.sin() * x.exp());
        yield return Case("tanh sigmoid", x => x.tanh() + x.sigmoid());
        yield return Case("softmax", x => x.softmax(1).pow(2));
        yield return Case("log_softmax", x => x.log_softmax(1) * x);
        yield return Case("matmul", x => x.matmul(x.t()));
        yield return Case("mean var", x => x.mean([1]) * x.var(1));
        yield return Case("norm", x => x.norm());
        yield return Case("index", x => x[tensor(new[] { 0L, 1, 0 })] * 2);
        yield return Case("slice", x => x[.., 1..] / (1 + x[.., ..^1].pow(2)));
        yield return Case("cat", x => cat([x, x * 2]).pow(3));
        yield return Case("where", x => where(x > 0.5, x, x * x));
        yield return Case("logsumexp", x => x.logsumexp(0));
        yield return Case("cumsum", x => x.cumsum(1) * x);
        yield return Case("gelu", x => x.gelu());
        yield return Case("addmm", x => x.t().addmm(x.t(), x.matmul(x.t())).select(1, 0));
        yield return Case("max", x => x.max(1).values * x.amax(0).sum());
        yield return Case("gather", x => x.gather(1, tensor(new long[,] { { 0, 2 }, { 1, 1 } })).exp());
    }

    [TestCaseSource(nameof(Functions))]
    public void A_gradient_agrees_with_differences(Func<Tensor, Tensor> function)
    {
        using var scope = NewDisposeScope();
        manual_seed(11);
        var x = rand(2, 3, dtype: float64).add_(0.1).requires_grad_();
        function(x).sum().backward();
        var differences = new double[6];
        for (var i = 0; i < 6; i++)
        {
            const double h = 1e-6;
            double At(double offset)
            {
                var moved = x.detach().clone();
                moved.view(6)[i] += offset;
                return function(moved).sum().item<double>();
            }

            differences[i] = (At(h) - At(-h)) / (2 * h);
        }

        Assert.That(Read(x.grad!), Is.EqualTo(differences).Within(1e-7));
    }

    [Test]
    public void Gradients_accumulate_until_they_are_cleared()
    {
        using var scope = NewDisposeScope();
        var x = Vector(1, 2).requires_grad_();
        Assert.That(x.grad, Is.Null);
        (x * 3).sum().backward();
        (x * x).sum().backward();
        Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 5, 7 }));
        x.grad = Vector(1, 1);
        (x * 2).sum().backward();
        Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 3, 3 }));
        x.grad = null;
        Assert.That(x.grad, Is.Null);
    }

    [Test]
    public void A_gradient_can_be_a_view_of_a_larger_buffer()
    {
        using var scope = NewDisposeScope();
        var buffer = zeros(5, dtype: float64);
        var a = Vector(1, 2).requires_grad_();
        var b = Vector(3, 4, 5).requires_grad_();
        a.grad = buffer.narrow(0, 0, 2);
        b.grad = buffer.narrow(0, 2, 3);
        (a.sum() * b.sum()).backward();
        Assert.That(Read(buffer), Is.EqualTo(new double[] { 12, 12, 3, 3, 3 }));
    }

    [Test]
    public void A_gradient_of_another_shape_is_refused()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, requires_grad: true);
        Assert.That(() => x.grad = zeros(3), Throws.TypeOf<ExternalException>());
    }

    [Test]
    public void Leaves_and_results()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        var y = x * 2;
        var z = y.detach();
        y.retain_grad();
        y.sum().backward();
        Assert.Multiple(() =>
        {
            Assert.That(x.is_leaf, Is.True);
            Assert.That(y.is_leaf, Is.False);
            Assert.That(y.requires_grad, Is.True);
            Assert.That(z.requires_grad, Is.False);
            Assert.That(Read(y.grad!), Is.EqualTo(new double[] { 1, 1 }));
        });
    }

    [Test]
    public void Autograd_grad_leaves_the_tensors_alone()
    {
        using var scope = NewDisposeScope();
        var x = Vector(2).requires_grad_();
        var unused = Vector(1).requires_grad_();
        var first = autograd.grad([x.pow(3)], [x], create_graph: true)[0];
        var second = autograd.grad([first], [x], [Vector(10)])[0];
        Assert.Multiple(() =>
        {
            Assert.That(first.item<double>(), Is.EqualTo(12));
            Assert.That(second.item<double>(), Is.EqualTo(120));
            Assert.That(x.grad, Is.Null);
            Assert.That(autograd.grad([x * 1], [x, unused], allow_unused: true)[0].item<double>(), Is.EqualTo(1));
            Assert.That(() => autograd.grad([x * 1], [unused]), Throws.TypeOf<ExternalException>());
        });
    }

    [Test]
    public void A_second_backward_needs_the_graph_kept()
    {
        using var scope = NewDisposeScope();
        var x = Vector(3).requires_grad_();
        var y = x.pow(2).sum();
        y.backward(retain_graph: true);
        y.backward();
        Assert.That(x.grad!.item<double>(), Is.EqualTo(12));
        Assert.That(() => y.backward(), Throws.TypeOf<ExternalException>().With.Message.Contains("backward through the graph a second time"));
    }

    [Test]
    public void Backward_takes_weights_and_inputs()
    {
        using var scope = NewDisposeScope();
        var x = Vector(1, 2).requires_grad_();
        var y = Vector(3, 4).requires_grad_();
        (x * y).backward([Vector(1, 10)], inputs: [x]);
        Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 3, 40 }));
        Assert.That(y.grad, Is.Null);
    }

    [Test]
    public void No_grad_records_nothing_and_ends_with_its_block()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, requires_grad: true);
        using (no_grad())
        {
            Assert.That((x * 2).requires_grad, Is.False);
            using (enable_grad()) Assert.That((x * 2).requires_grad, Is.True);
            Assert.That(is_grad_enabled(), Is.False);
            x.add_(1);
        }

        Assert.That(is_grad_enabled(), Is.True);
        Assert.That((x * 2).requires_grad, Is.True);
        using (inference_mode())
        {
            Assert.That(is_inference_mode_enabled(), Is.True);
            Assert.That((x * 2).requires_grad, Is.False);
        }

        Assert.That(is_inference_mode_enabled(), Is.False);
        Assert.That(() => x.add_(1), Throws.TypeOf<ExternalException>().With.Message.Contains("leaf Variable"));
    }
}
