using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace TorchSharpTests.Core;

/// <summary>Who frees a tensor and when. Nothing else may make tensors meanwhile, so the fixture runs alone.</summary>
[NonParallelizable]
public sealed class LifetimeTests
{
    [SetUp]
    public void CollectWhatOthersLeft()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [Test]
    public void A_scope_disposes_what_it_saw_made()
    {
        var before = Tensor.TotalCount;
        Tensor inner;
        using (var scope = NewDisposeScope())
        {
            inner = ones(3) + 1;
            Assert.That(Tensor.TotalCount, Is.EqualTo(before + 2));
            Assert.That(scope.DisposablesCount, Is.EqualTo(2));
            Assert.That(CurrentDisposeScope, Is.SameAs(scope));
        }

        Assert.That(Tensor.TotalCount, Is.EqualTo(before));
        Assert.That(inner.IsInvalid, Is.True);
        Assert.That(() => inner.sum(), Throws.InvalidOperationException);
        Assert.That(CurrentDisposeScope, Is.Null);
    }

    [Test]
    public void Tensors_move_between_scopes()
    {
        using var outer = NewDisposeScope();
        Tensor kept, detached;
        using (var inner = NewDisposeScope())
        {
            kept = ones(1).MoveToOuterDisposeScope();
            detached = zeros(1).DetachFromDisposeScope();
            Assert.That(inner.DisposablesCount, Is.Zero);
        }

        Assert.That(outer.Contains(kept), Is.True);
        Assert.That(outer.Contains(detached), Is.False);
        outer.Attach(detached);
        Assert.That(outer.DisposablesCount, Is.EqualTo(2));
        outer.DisposeEverythingBut(kept);
        Assert.That(detached.IsInvalid, Is.True);
        Assert.That(kept.IsInvalid, Is.False);
        Assert.That(outer.DisposablesView, Is.EqualTo(new[] { kept }));
        var other = outer.Detach(kept);
        Assert.That(outer.DisposablesCount, Is.Zero);
        other.Dispose();
    }

    [Test]
    public void A_tensor_joins_the_scope_of_another()
    {
        using var outer = NewDisposeScope();
        var anchor = ones(1);
        using var inner = NewDisposeScope();
        var moved = zeros(1).MoveToOtherDisposeScope(anchor);
        Assert.That(outer.Contains(moved), Is.True);
        Assert.That(inner.Contains(moved), Is.False);
    }

    [Test]
    public void Scopes_may_end_in_any_order()
    {
        var outer = NewDisposeScope();
        var inner = NewDisposeScope();
        outer.Dispose();
        Assert.That(CurrentDisposeScope, Is.SameAs(inner));
        inner.Dispose();
        Assert.That(CurrentDisposeScope, Is.Null);
        Assert.That(() => inner.DisposablesCount, Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void A_wrapped_expression_leaves_only_its_result()
    {
        using var scope = NewDisposeScope();
        var result = WrappedTensorDisposeScope(() => (ones(2) + 1) * 3);
        Assert.That(scope.DisposablesCount, Is.EqualTo(1));
        Assert.That(result[0].item<float>(), Is.EqualTo(6));
    }

    [Test]
    public void Statistics_count_the_thread_s_tensors()
    {
        var counts = DisposeScopeManager.Statistics;
        counts.Reset();
        var free = ones(1);
        using (NewDisposeScope())
        {
            ones(1).DetachFromDisposeScope().Dispose();
            _ = ones(1);
        }

        free.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(counts.TensorStatistics.CreatedInScopeCount, Is.EqualTo(2));
            Assert.That(counts.TensorStatistics.CreatedOutsideScopeCount, Is.EqualTo(1));
            Assert.That(counts.TensorStatistics.DetachedFromScopeCount, Is.EqualTo(1));
            Assert.That(counts.TensorStatistics.DisposedInScopeCount, Is.EqualTo(1));
            Assert.That(counts.TensorStatistics.DisposedOutsideScopeCount, Is.EqualTo(2));
            Assert.That(counts.ThreadTotalLiveCount, Is.Zero);
        });
    }

    [Test]
    public void Finalizers_free_forgotten_tensors()
    {
        var before = Tensor.TotalCount;
        Forget(1000);
        for (var tries = 0; Tensor.TotalCount > before + 10 && tries < 50; tries++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(Tensor.TotalCount, Is.LessThanOrEqualTo(before + 10));
    }

    [Test]
    public void Disposing_twice_is_harmless()
    {
        var x = ones(1);
        var before = Tensor.TotalCount;
        x.Dispose();
        x.Dispose();
        Assert.That(Tensor.TotalCount, Is.EqualTo(before - 1));
    }

    [Test]
    public void Two_thousand_training_steps_keep_the_resident_size()
    {
        using var outer = NewDisposeScope();
        var w1 = (randn(128, 64) * 0.1).detach().requires_grad_();
        var w2 = (randn(64, 10) * 0.1).detach().requires_grad_();
        var x = randn(512, 128);
        var target = randint(10, new long[] { 512 });
        long live = 0, resident = 0;
        for (var step = 0; step < 2000; step++)
        {
            Step(w1, w2, x, target);
            if (step == 400) (live, resident) = (Tensor.TotalCount, Environment.WorkingSet);
        }

        Assert.That(Tensor.TotalCount, Is.EqualTo(live));
        // A leak of one activation per step would be 200 MB.
        Assert.That(Environment.WorkingSet - resident, Is.LessThan(24 << 20));
    }

    private static void Step(Tensor w1, Tensor w2, Tensor x, Tensor target)
    {
        using var scope = NewDisposeScope();
        var scores = x.mm(w1).relu().mm(w2).log_softmax(1);
        var loss = -scores.gather(1, target.unsqueeze(1)).mean();
        loss.backward();
        using var off = no_grad();
        foreach (var weight in new[] { w1, w2 })
        {
            weight.add_(weight.grad!, -0.1);
            weight.grad = null;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(int count)
    {
        for (var i = 0; i < count; i++) _ = ones(10);
    }
}
