using static TorchSharp.torch;
using static TorchSharpTests.Core.Values;

namespace TorchSharpTests.Core;

public sealed class ReductionTests
{
    private static readonly double[,] _numbers = { { 3, 1, 2 }, { -4, 0, 8 } };

    [Test]
    public void Reductions_over_everything_give_one_element()
    {
        using var scope = NewDisposeScope();
        var x = Matrix(_numbers);
        Assert.Multiple(() =>
        {
            Assert.That(x.sum().item<double>(), Is.EqualTo(10));
            Assert.That(x.mean().item<double>(), Is.EqualTo(10.0 / 6).Within(1e-12));
            Assert.That(x.prod().item<double>(), Is.EqualTo(0));
            Assert.That(x.max().item<double>(), Is.EqualTo(8));
            Assert.That(x.min().item<double>(), Is.EqualTo(-4));
            Assert.That(x.argmax().item<long>(), Is.EqualTo(5));
            Assert.That(x.argmin().item<long>(), Is.EqualTo(3));
            Assert.That(x.norm().item<double>(), Is.EqualTo(Math.Sqrt(94)).Within(1e-12));
            Assert.That(x.norm(1f).item<double>(), Is.EqualTo(18));
            Assert.That(x.median().item<double>(), Is.EqualTo(1));
            Assert.That((x > -5).all().item<bool>(), Is.True);
            Assert.That((x > 9).any().item<bool>(), Is.False);
            Assert.That(x.count_nonzero().item<long>(), Is.EqualTo(5));
            Assert.That(x.var().item<double>(), Is.EqualTo((94 - (100.0 / 6)) / 5).Within(1e-12));
            Assert.That(x.std(false).item<double>(), Is.EqualTo(Math.Sqrt((94 - (100.0 / 6)) / 6)).Within(1e-12));
        });
    }

    [Test]
    public void Reductions_over_a_dimension_keep_the_others()
    {
        using var scope = NewDisposeScope();
        var x = Matrix(_numbers);
        Assert.Multiple(() =>
        {
            Assert.That(Read(x.sum(0, keepdim: false)), Is.EqualTo(new double[] { -1, 1, 10 }));
            Assert.That(x.sum(1, keepdim: true).shape, Is.EqualTo(new long[] { 2, 1 }));
            Assert.That(Read(x.sum([0, 1])), Is.EqualTo(new double[] { 10 }));
            Assert.That(x.sum(0, type: float32).dtype, Is.EqualTo(ScalarType.Float32));
            Assert.That(Read(x.mean([1])), Is.EqualTo(new[] { 2, 4.0 / 3 }).Within(1e-12));
            Assert.That(Read(x.max(1).values), Is.EqualTo(new double[] { 3, 8 }));
            Assert.That(Read(x.max(1).indexes), Is.EqualTo(new double[] { 0, 2 }));
            Assert.That(Read(x.argmin(0)), Is.EqualTo(new double[] { 1, 1, 0 }));
            Assert.That(Read(x.amax(0)), Is.EqualTo(new double[] { 3, 1, 8 }));
            Assert.That(Read(x.var(1)), Is.EqualTo(new[] { 1, 112.0 / 3 }).Within(1e-12));
            Assert.That(Read(x.std([1L], unbiased: false)), Is.EqualTo(new[] { Math.Sqrt(2.0 / 3), Math.Sqrt(224.0 / 9) }).Within(1e-12));
            Assert.That(Read(x.norm(1)), Is.EqualTo(new[] { Math.Sqrt(14), Math.Sqrt(80) }).Within(1e-12));
            Assert.That(Read(x.logsumexp(1))[0], Is.EqualTo(Math.Log(Math.Exp(3) + Math.Exp(1) + Math.Exp(2))).Within(1e-12));
        });
    }

    [Test]
    public void Running_totals_and_orders()
    {
        using var scope = NewDisposeScope();
        var x = Vector(3, 1, 2);
        var (sorted, order) = x.sort(descending: true);
        var (top, places) = x.topk(2, largest: false);
        Assert.Multiple(() =>
        {
            Assert.That(Read(x.cumsum(0)), Is.EqualTo(new double[] { 3, 4, 6 }));
            Assert.That(Read(x.cumprod(0)), Is.EqualTo(new double[] { 3, 3, 6 }));
            Assert.That(Read(sorted), Is.EqualTo(new double[] { 3, 2, 1 }));
            Assert.That(Read(order), Is.EqualTo(new double[] { 0, 2, 1 }));
            Assert.That(Read(x.argsort()), Is.EqualTo(new double[] { 1, 2, 0 }));
            Assert.That(Read(top), Is.EqualTo(new double[] { 1, 2 }));
            Assert.That(Read(places), Is.EqualTo(new double[] { 1, 2 }));
            Assert.That(Read(tensor(new[] { 0L, 2, 2 }).bincount(null)), Is.EqualTo(new double[] { 1, 0, 2 }));
        });
    }

    [Test]
    public void Unique_gives_only_what_was_asked()
    {
        using var scope = NewDisposeScope();
        var (values, inverse, counts) = tensor(new[] { 5L, 1, 5 }).unique(return_counts: true);
        Assert.That(Read(values), Is.EqualTo(new double[] { 1, 5 }));
        Assert.That(inverse, Is.Null);
        Assert.That(Read(counts!), Is.EqualTo(new double[] { 1, 2 }));
    }

    [Test]
    public void Softmax_is_a_distribution_and_log_softmax_its_logarithm()
    {
        using var scope = NewDisposeScope();
        var x = Matrix(_numbers);
        var p = x.softmax(1);
        Assert.That(Read(p.sum(1)), Is.EqualTo(new double[] { 1, 1 }).Within(1e-12));
        Assert.That(Read(p)[0], Is.EqualTo(1 / (1 + Math.Exp(-2) + Math.Exp(-1))).Within(1e-12));
        Assert.That(Read(x.log_softmax(1)), Is.EqualTo(Read(p.log())).Within(1e-12));
    }

    [Test]
    public void Products_of_matrices()
    {
        using var scope = NewDisposeScope();
        var a = Matrix(new double[,] { { 1, 2 }, { 3, 4 } });
        var b = Matrix(new double[,] { { 0, 1 }, { 1, 0 } });
        var v = Vector(1, -1);
        Assert.Multiple(() =>
        {
            Assert.That(Read(a.mm(b)), Is.EqualTo(new double[] { 2, 1, 4, 3 }));
            Assert.That(Read(a.matmul(v)), Is.EqualTo(new double[] { -1, -1 }));
            Assert.That(Read(a.mv(v)), Is.EqualTo(new double[] { -1, -1 }));
            Assert.That(v.dot(v).item<double>(), Is.EqualTo(2));
            Assert.That(Read(v.outer(v)), Is.EqualTo(new double[] { 1, -1, -1, 1 }));
            Assert.That(Read(a.addmm(a, b, beta: 2, alpha: 3)), Is.EqualTo(new double[] { 8, 7, 18, 17 }));
            Assert.That(Read(stack([a, b]).bmm(stack([b, b])).select(0, 1)), Is.EqualTo(new double[] { 1, 0, 0, 1 }));
            Assert.That(Read(einsum("ij,kj->ik", a, b)), Is.EqualTo(new double[] { 2, 1, 4, 3 }));
            Assert.That(a.trace().item<double>(), Is.EqualTo(5));
            Assert.That(a.det().item<double>(), Is.EqualTo(-2).Within(1e-12));
            Assert.That(Read(a.inverse().matmul(a)), Is.EqualTo(new double[] { 1, 0, 0, 1 }).Within(1e-12));
        });
    }
}
