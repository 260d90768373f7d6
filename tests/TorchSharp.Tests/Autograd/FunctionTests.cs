using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharpTests.Core.Values;
using static TorchSharpTests.Reference;

namespace TorchSharpTests.Autograd;

public sealed class FunctionTests
{
    private TorchSharp.DisposeScope _scope = null!;

    [SetUp]
    public void Open() => _scope = NewDisposeScope();

    [TearDown]
    public void Close() => _scope.Dispose();

    [Test]
    public void A_gradient_is_what_backward_says()
    {
        var x = Leaf(1, 2, 3);
        var y = Scale.apply(x, 5.0);
        Assert.That(Read(y), Is.EqualTo(new double[] { 5, 10, 15 }));
        Assert.That(y.requires_grad && !y.is_leaf, Is.True);
        (y * y).sum().backward();
        Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 50, 100, 150 }));
    }

    [Test]
    public void A_gradient_can_be_differentiated_again()
    {
        var x = Leaf(2, 3);
        var first = autograd.grad([Cube.apply(x).sum()], [x], create_graph: true)[0];
        Assert.That(Read(first), Is.EqualTo(new double[] { 12, 27 }));
        var second = autograd.grad([first.sum()], [x])[0];
        Assert.That(Read(second), Is.EqualTo(new double[] { 12, 18 }));
    }

    [Test]
    public void A_saved_output_is_the_output()
    {
        var x = Leaf(0, 1);
        var first = autograd.grad([Exp.apply(x).sum()], [x], retain_graph: true, create_graph: true)[0];
        var second = autograd.grad([first.sum()], [x])[0];
        Assert.That(Read(second), Is.EqualTo(new[] { 1, Math.E }).Within(1e-12));
    }

    [Test]
    public void Nothing_is_recorded_where_no_gradient_is_wanted()
    {
        var x = Leaf(1, 2);
        Tensor off;
        using (no_grad()) off = Scale.apply(x, 2.0);
        var constant = Scale.apply(x.detach(), 2.0);
        using (inference_mode()) Assert.That(Read(Watch.apply(Scale.apply(x, 2.0), null!)), Is.EqualTo(Read(off)));
        Assert.That(off.requires_grad || constant.requires_grad, Is.False);
        Assert.That(Read(off), Is.EqualTo(Read(constant)));
    }

    [Test]
    public void An_input_that_comes_back_is_an_alias([Values] bool recorded)
    {
        var x = Leaf(1, 2).requires_grad_(recorded);
        var calls = 0;
        var y = Watch.apply(x, (Action<Tensor>)(_ => calls++));
        Assert.That(y, Is.Not.SameAs(x));
        Assert.That(y.requires_grad, Is.EqualTo(recorded));
        Assert.That(x.is_leaf, Is.True);
        if (recorded)
        {
            // x beside y in one expression: only y's share passes through backward.
            (y * 3 + x).sum().backward();
            Assert.That(calls, Is.EqualTo(1));
            Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 4, 4 }));
        }

        x.detach().fill_(7);
        Assert.That(Read(y), Is.EqualTo(new double[] { 7, 7 }));
        y.Dispose();
        Assert.That(x.IsInvalid, Is.False);
    }

    [Test]
    public void A_dirty_input_carries_the_new_history()
    {
        var x = Leaf(1, 2);
        var middle = x * 1;
        var y = DoubleInPlace.apply(middle);
        Assert.That(Read(middle), Is.EqualTo(new double[] { 2, 4 }));
        (y * middle).sum().backward();
        Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 8, 16 }));
        var e = Assert.Throws<ExternalException>(() => DoubleInPlace.apply(Leaf(1)));
        Assert.That(e!.Message, Does.Contain("leaf Variable that requires grad"));
    }

    [Test]
    public void A_missing_gradient_is_zeros_or_invalid([Values] bool materialize)
    {
        var x = Leaf(1.2, 2.7);
        var seen = new List<bool>();
        var y = Several.apply(x, materialize, seen);
        Assert.That(y[2].requires_grad, Is.False);
        Assert.That(Read(y[2]), Is.EqualTo(new double[] { 1, 3 }));
        y[1].sum().backward();
        Assert.That(seen, Is.EqualTo(new[] { materialize, true, materialize }));
        Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 3, 3 }));
    }

    [Test]
    public void The_same_tensor_may_come_in_twice()
    {
        var x = Leaf(3);
        (Scale.apply(x, 2.0) + Cube.apply(x) + Cube.apply(x)).sum().backward();
        Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 2 + 27 + 27 }));
    }

    [Test]
    public void A_graph_serves_once_unless_retained()
    {
        var x = Leaf(2);
        var y = Cube.apply(x);
        y.backward([Vector(1)], retain_graph: true);
        y.backward([Vector(1)]);
        Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 24 }));
        if (IsUpstream) return; // there saved tensors stay as long as the graph
        var e = Assert.Throws<ExternalException>(() => y.backward([Vector(1)]));
        Assert.That(e!.Message, Does.Contain("backward through the graph a second time"));
    }

    [Test]
    public void A_saved_tensor_must_not_change()
    {
        if (IsUpstream) Assert.Ignore("In the real package an exception in backward ends the process.");
        var x = Leaf(2);
        var middle = x * 1;
        var y = Cube.apply(middle);
        middle.add_(1);
        var e = Assert.Throws<ExternalException>(() => y.sum().backward());
        Assert.That(e!.Message, Does.Contain("modified by an inplace operation"));
    }

    [Test]
    public void What_backward_throws_is_thrown_by_its_caller()
    {
        if (IsUpstream) Assert.Ignore("In the real package an exception in backward ends the process.");
        var x = Leaf(2);
        const string message = "no gradient today:\nthe second line, in Grüße";
        var y = Failing(x, () => throw new InvalidDataException(message));
        for (var i = 0; i < 3; i++)
        {
            var e = Assert.Catch(() => y.sum().backward());
            Assert.That(e!.Message, Is.EqualTo(message));
            Assert.That(e.InnerException, Is.TypeOf<InvalidDataException>());
        }

        Assert.That(x.grad is null, Is.True);
        Scale.apply(x, 2.0).sum().backward();
        Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 2 }));
    }

    [Test]
    public void An_operator_s_error_passes_through_backward()
    {
        if (IsUpstream) Assert.Ignore("In the real package an exception in backward ends the process.");
        var y = Failing(Leaf(2), () => [ones(2, 3).mm(ones(2, 3))]);
        var e = Assert.Throws<ExternalException>(() => y.sum().backward());
        Assert.That(e!.Message, Does.Contain("mat1 and mat2 shapes cannot be multiplied"));
    }

    [Test]
    public void Gradients_must_fit_the_arguments()
    {
        if (IsUpstream) Assert.Ignore("In the real package an exception in backward ends the process.");
        string Error(params List<Tensor> gradients) =>
            Assert.Throws<ExternalException>(() => Failing(Leaf(2, 3), () => gradients).sum().backward())!.Message;

        Assert.That(Error(Vector(1)), Is.EqualTo("function Custom returned an incorrect number of gradients (expected 2, got 1)"));
        Assert.That(Error(Vector(1), null!, Vector(1)), Does.Contain("expected 2, got 3"));
        Assert.That(Error(Vector(1), Vector(1)), Does.Contain("a gradient at position 2, but that argument of forward was not a tensor"));
        Assert.That(Error(Vector(1, 2, 3), null!), Does.Contain("invalid gradient at index 0"));
        var x = Leaf(2);
        Failing(x, () => [Vector(7), null!, null!]).sum().backward();
        Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 7 }));
    }

    [Test]
    public void No_gradient_is_none()
    {
        var x = Leaf(2);
        Failing(x, () => [null!, null!]).sum().backward();
        Assert.That(x.grad is null, Is.True);
    }

    [Test]
    public void Forward_must_return_a_tensor()
    {
        if (IsUpstream) Assert.Ignore("The real package finds no better words than a null reference.");
        var e = Assert.Throws<InvalidOperationException>(() => Nothing.apply(Leaf(1)));
        Assert.That(e!.Message, Is.EqualTo("function Nothing returned no tensor as output 1"));
    }

    [Test]
    public void A_backward_pass_may_run_within_another()
    {
        // Past some dozens of levels libtorch goes on on threads of its own.
        var x = Leaf(1);
        var threads = new HashSet<int>();
        Nested(x, 150, threads).sum().backward();
        Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 151 }));
        Assert.That(threads, Has.Count.GreaterThan(1));
        if (IsUpstream) return; // there an exception in backward ends the process
        var e = Assert.Catch(() => Nested(Leaf(1), 150, threads, "at the bottom").sum().backward());
        Assert.That(e!.Message, Is.EqualTo("at the bottom"));
    }

    [Test]
    public void Threads_share_a_function()
    {
        Parallel.For(0, 8, _ =>
        {
            for (var i = 1; i <= 50; i++)
            {
                using var scope = NewDisposeScope();
                var x = Leaf(i);
                (Cube.apply(x) + Scale.apply(x, 2.0)).sum().backward();
                Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 3 * i * i + 2 }));
            }
        });
    }

    private static Tensor Leaf(params double[] values) => Vector(values).requires_grad_();

    private static Tensor Failing(Tensor x, Func<List<Tensor>> backward) => Custom.apply(x, (Func<Tensor, List<Tensor>>)(_ => backward()));

    // The identity, whose backward asks for the gradient of another such one below it and adds it.
    private static Tensor Nested(Tensor x, int depth, HashSet<int> threads, string? error = null)
    {
        return Custom.apply(x, (Func<Tensor, List<Tensor>>)Backward);

        List<Tensor> Backward(Tensor gradient)
        {
            threads.Add(Environment.CurrentManagedThreadId);
            if (depth == 0) return error is null ? [gradient, null!] : throw new InvalidOperationException(error);
            using var on = enable_grad();
            var inner = Leaf(1);
            Nested(inner, depth - 1, threads, error).sum().backward();
            return [gradient + inner.grad!, null!];
        }
    }

    private sealed class Nothing : autograd.SingleTensorFunction<Nothing>
    {
        public override string Name => nameof(Nothing);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => null!;

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [];
    }
}
