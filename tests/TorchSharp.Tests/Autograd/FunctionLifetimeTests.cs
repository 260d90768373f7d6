using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharpTests.Core.Values;
using static TorchSharpTests.Reference;

namespace TorchSharpTests.Autograd;

/// <summary>Who keeps a function's call alive, and for how long. It counts tensors, so it runs alone.</summary>
[NonParallelizable]
public sealed class FunctionLifetimeTests
{
    [SetUp]
    public void CollectWhatOthersLeft()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [Test]
    public void The_graph_alone_keeps_what_backward_needs()
    {
        using var x = Vector(2).requires_grad_();
        var (loss, data) = Build(x, forward: NewDisposeScope());
        Collect();
        Assert.That(data.IsAlive, Is.True);
        using (NewDisposeScope()) loss.backward();
        using var gradient = x.grad!;
        Assert.That(Read(gradient), Is.EqualTo(new double[] { 3 * 16 * 2 * 7 }));
        loss.Dispose();
        Collect();
        Assert.That(data.IsAlive, Is.False);
    }

    [Test]
    public void A_call_without_a_graph_leaves_nothing()
    {
        var data = Constant();
        Collect();
        Assert.That(data.IsAlive, Is.False);
    }

    [Test]
    public void A_forgotten_graph_is_freed_by_the_finalizer()
    {
        using var x = Vector(2).requires_grad_();
        var data = Forgotten(x);
        for (var tries = 0; data.IsAlive && tries < 50; tries++) Collect();
        Assert.That(data.IsAlive, Is.False);
    }

    [Test]
    public void A_scope_frees_what_backward_made()
    {
        var before = Tensor.TotalCount;
        var counts = DisposeScopeManager.Statistics;
        counts.Reset();
        for (var step = 0; step < 20; step++)
        {
            using var outer = NewDisposeScope();
            var x = Vector(2).requires_grad_();
            var loss = Scale.apply(Cube.apply(Watch.apply(x, (Action<Tensor>)(_ => { }))), 2.0).sum();
            using (var inner = NewDisposeScope())
            {
                loss.backward();
                Assert.That(inner.DisposablesCount, Is.GreaterThan(0));
            }

            Assert.That(Read(x.grad!), Is.EqualTo(new double[] { 24 }));
            if (IsUpstream) continue; // there an exception in backward ends the process
            var failing = Custom.apply(x, (Func<Tensor, List<Tensor>>)(_ => throw new InvalidOperationException())).sum();
            Assert.That(() => failing.backward(), Throws.Exception);
        }

        Assert.That(Tensor.TotalCount, Is.EqualTo(before));
        Assert.That(counts.TensorStatistics.ThreadTotalLiveCount, Is.Zero);
    }

    [Test]
    public void A_missing_gradient_counts_nowhere()
    {
        var before = Tensor.TotalCount;
        using (var scope = NewDisposeScope())
        {
            var x = Vector(1, 2).requires_grad_();
            Several.apply(x, false, new List<bool>())[0].sum().backward();
        }

        Assert.That(Tensor.TotalCount, Is.EqualTo(before));
    }

    [Test]
    public void A_context_outlives_its_graph_harmlessly()
    {
        using var scope = NewDisposeScope();
        using (NewDisposeScope()) Keeping.apply(Vector(2).requires_grad_()).sum().backward();
        Assert.That(Keeping.Kept!.get_data("key"), Is.EqualTo("value"));
        if (IsUpstream) return; // there a context of a freed graph is not to be touched
        Assert.That(() => Keeping.Kept.get_saved_variables(), Throws.InvalidOperationException.With.Message.Contains("in backward"));
        Keeping.Kept.Dispose();
        Assert.That(Keeping.Kept.get_data("key"), Is.Null);
    }

    [Test]
    public void Another_thread_may_free_the_graph()
    {
        using var x = Vector(2).requires_grad_();
        var (loss, data) = Build(x, forward: NewDisposeScope());
        var thread = new Thread(loss.Dispose);
        thread.Start();
        thread.Join();
        Collect();
        Assert.That(data.IsAlive, Is.False);
    }

    [Test]
    public void A_thousand_calls_keep_the_resident_size()
    {
        long resident = 0;
        for (var step = 0; step < 1000; step++)
        {
            using var scope = NewDisposeScope();
            var x = ones(1 << 17, dtype: float64).requires_grad_();
            Cube.apply(Exp.apply(x)).sum().backward();
            if (step == 200) resident = Environment.WorkingSet;
        }

        // A leak of one saved tensor per step would be 800 MB.
        Assert.That(Environment.WorkingSet - resident, Is.LessThan(48 << 20));
    }

    // All objects of the forward pass but the loss are disposed.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Tensor Loss, WeakReference Data) Build(Tensor x, DisposeScope forward)
    {
        using (forward)
        {
            var data = new Counter();
            var seen = Watch.apply(x * 2, (Action<Tensor>)data.Add);
            return ((Cube.apply(seen) * 7).sum().DetachFromDisposeScope(), new WeakReference(data));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Constant()
    {
        using var scope = NewDisposeScope();
        var data = new Counter();
        _ = Watch.apply(Vector(1), (Action<Tensor>)data.Add);
        return new WeakReference(data);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Forgotten(Tensor x)
    {
        var data = new Counter();
        _ = Watch.apply(x, (Action<Tensor>)data.Add) * 2;
        return new WeakReference(data);
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private sealed class Counter
    {
        public int Calls { get; private set; }

        public void Add(Tensor gradient) => Calls++;
    }

    private sealed class Keeping : autograd.SingleTensorFunction<Keeping>
    {
        public static autograd.AutogradContext? Kept { get; private set; }

        public override string Name => nameof(Keeping);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            Kept = ctx;
            ctx.save_data("key", "value");
            ctx.save_for_backward([(Tensor)vars[0]]);
            return (Tensor)vars[0] * 2;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output * 2];
    }
}
