using TorchSharp;
using static TorchSharp.torch;
using static TorchSharpTests.Core.Values;

namespace TorchSharpTests.Core;

/// <summary>Element-wise functions against .NET's.</summary>
public sealed class ElementwiseTests
{
    private static readonly double[] _anywhere = [-2.5, -1, -0.25, 0, 0.25, 0.5, 1, 3.75];
    private static readonly double[] _positive = [0.01, 0.5, 1, 2, 10];
    private static readonly double[] _small = [-0.9, -0.5, 0, 0.3, 0.99];

    private static IEnumerable<TestCaseData> Functions()
    {
        TestCaseData Case(string name, double[] inputs, Func<Tensor, Tensor> function, Func<double, double> reference) =>
            new TestCaseData(inputs, function, reference).SetArgDisplayNames(name);

        yield return Case("abs", _anywhere, abs, Math.Abs);
        yield return Case("neg", _anywhere, neg, x => -x);
        yield return Case("sign", _anywhere, sign, x => Math.Sign(x));
        yield return Case("ceil", _anywhere, ceil, Math.Ceiling);
        yield return Case("floor", _anywhere, floor, Math.Floor);
        yield return Case("trunc", _anywhere, trunc, Math.Truncate);
        yield return Case("frac", _anywhere, frac, x => x - Math.Truncate(x));
        yield return Case("round", _anywhere, x => round(x), x => Math.Round(x, MidpointRounding.ToEven));
        yield return Case("square", _anywhere, square, x => x * x);
        yield return Case("exp", _anywhere, exp, Math.Exp);
        yield return Case("exp2", _anywhere, exp2, x => Math.Pow(2, x));
        yield return Case("expm1", _anywhere, expm1, x => Math.Exp(x) - 1);
        yield return Case("sin", _anywhere, sin, Math.Sin);
        yield return Case("cos", _anywhere, cos, Math.Cos);
        yield return Case("tan", _anywhere, tan, Math.Tan);
        yield return Case("sinh", _anywhere, sinh, Math.Sinh);
        yield return Case("cosh", _anywhere, cosh, Math.Cosh);
        yield return Case("tanh", _anywhere, tanh, Math.Tanh);
        yield return Case("atan", _anywhere, atan, Math.Atan);
        yield return Case("asinh", _anywhere, asinh, Math.Asinh);
        yield return Case("asin", _small, asin, Math.Asin);
        yield return Case("acos", _small, acos, Math.Acos);
        yield return Case("atanh", _small, atanh, Math.Atanh);
        yield return Case("log", _positive, log, Math.Log);
        yield return Case("log2", _positive, log2, Math.Log2);
        yield return Case("log10", _positive, log10, Math.Log10);
        yield return Case("log1p", _positive, log1p, x => Math.Log(1 + x));
        yield return Case("sqrt", _positive, sqrt, Math.Sqrt);
        yield return Case("rsqrt", _positive, rsqrt, x => 1 / Math.Sqrt(x));
        yield return Case("reciprocal", _positive, reciprocal, x => 1 / x);
        yield return Case("sigmoid", _anywhere, x => x.sigmoid(), Sigmoid);
        yield return Case("relu", _anywhere, x => x.relu(), x => Math.Max(x, 0));
        yield return Case("leaky_relu", _anywhere, x => x.leaky_relu(0.1), x => x > 0 ? x : 0.1 * x);
        yield return Case("silu", _anywhere, x => x.silu(), x => x * Sigmoid(x));
        yield return Case("softplus", _anywhere, x => x.softplus(), x => Math.Log(1 + Math.Exp(x)));
        yield return Case("elu", _anywhere, x => x.elu(2.0), x => x > 0 ? x : 2 * (Math.Exp(x) - 1));
        yield return Case("clamp", _anywhere, x => x.clamp(-0.5, 1), x => Math.Clamp(x, -0.5, 1));
        yield return Case("clamp_min", _anywhere, x => clamp_min(x, 0.3), x => Math.Max(x, 0.3));
        yield return Case("clamp_max", _anywhere, x => clamp_max(x, 0.3), x => Math.Min(x, 0.3));
        yield return Case("x + 2", _anywhere, x => x + 2, x => x + 2);
        yield return Case("2 - x", _anywhere, x => 2 - x, x => 2 - x);
        yield return Case("x * 1.5", _anywhere, x => x * 1.5, x => x * 1.5);
        yield return Case("x / 4", _anywhere, x => x / 4, x => x / 4);
        yield return Case("3 / x", _positive, x => 3.0 / x, x => 3 / x);
        yield return Case("x % 2", _anywhere, x => x % 2, x => x - (Math.Floor(x / 2) * 2));
        yield return Case("fmod", _anywhere, x => x.fmod(2), x => x % 2);
        yield return Case("pow", _positive, x => x.pow(2.5), x => Math.Pow(x, 2.5));
        yield return Case("floor_divide", _anywhere, x => x.floor_divide(2), x => Math.Floor(x / 2));
        yield return Case("div trunc", _anywhere, x => x.div(2, RoundingMode.trunc), x => Math.Truncate(x / 2));
        yield return Case("add alpha", _anywhere, x => x.add(x, 3), x => 4 * x);
        yield return Case("addcmul", _anywhere, x => x.addcmul(x, x, 2), x => x + (2 * x * x));
        yield return Case("addcdiv", _positive, x => x.addcdiv(x, x, 2), x => x + 2);
        yield return Case("where", _anywhere, x => where(x > 0, x, x * 10), x => x > 0 ? x : 10 * x);
        yield return Case("atan2", _anywhere, x => x.atan2(x + 5), x => Math.Atan2(x, x + 5));
        yield return Case("maximum", _anywhere, x => maximum(x, -x), Math.Abs);
        yield return Case("minimum", _anywhere, x => minimum(x, -x), x => -Math.Abs(x));
        yield return Case("-x", _anywhere, x => -x, x => -x);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    [TestCaseSource(nameof(Functions))]
    public void A_function_gives_what_its_formula_says(double[] inputs, Func<Tensor, Tensor> function, Func<double, double> reference)
    {
        using var scope = NewDisposeScope();
        Assert.That(Read(function(tensor(inputs))), Is.EqualTo(inputs.Select(reference).ToArray()).Within(1e-12));
    }

    [Test]
    public void Functions_in_place_change_their_tensor_and_return_it()
    {
        using var scope = NewDisposeScope();
        var x = Vector(1, 4, 9);
        var view = x[1];
        var result = x.sqrt_().mul_(2).add_(1).sub_(Vector(0, 0, 1)).div_(2);
        Assert.That(result, Is.SameAs(x));
        Assert.That(Read(x), Is.EqualTo(new[] { 1.5, 2.5, 3 }));
        Assert.That(view.item<double>(), Is.EqualTo(2.5));
        Assert.That(Read(x.zero_()), Is.EqualTo(new double[3]));
        Assert.That(Read(x.fill_(4)), Is.EqualTo(new double[] { 4, 4, 4 }));
        Assert.That(Read(x.copy_(tensor(new[] { 1f, 2f, 3f }))), Is.EqualTo(new double[] { 1, 2, 3 }));
    }

    [Test]
    public void Comparisons_give_truth_values()
    {
        using var scope = NewDisposeScope();
        var a = Vector(1, 2, 3);
        var b = Vector(3, 2, 1);
        Assert.Multiple(() =>
        {
            Assert.That((a < b).data<bool>().ToArray(), Is.EqualTo(new[] { true, false, false }));
            Assert.That((a <= b).data<bool>().ToArray(), Is.EqualTo(new[] { true, true, false }));
            Assert.That((a == b).data<bool>().ToArray(), Is.EqualTo(new[] { false, true, false }));
            Assert.That((a != b).data<bool>().ToArray(), Is.EqualTo(new[] { true, false, true }));
            Assert.That((a > 2).data<bool>().ToArray(), Is.EqualTo(new[] { false, false, true }));
            Assert.That((2 >= a).data<bool>().ToArray(), Is.EqualTo(new[] { true, true, false }));
            Assert.That(a.Equals(b), Is.False);
            Assert.That(a.Equals(a.clone()), Is.True);
            Assert.That(a.allclose(a + 1e-12), Is.True);
            Assert.That(((a > 1) & (b > 1)).data<bool>().ToArray(), Is.EqualTo(new[] { false, true, false }));
            Assert.That((~(a > 1)).data<bool>().ToArray(), Is.EqualTo(new[] { true, false, false }));
            Assert.That(Vector(0, double.NaN).isnan().data<bool>().ToArray(), Is.EqualTo(new[] { false, true }));
        });
    }

    [Test]
    public void Types_are_promoted_as_libtorch_does()
    {
        using var scope = NewDisposeScope();
        var integers = tensor(new[] { 1, 2 });
        Assert.Multiple(() =>
        {
            Assert.That((integers + 1).dtype, Is.EqualTo(ScalarType.Int32));
            Assert.That((integers + 1.5).dtype, Is.EqualTo(ScalarType.Float32));
            Assert.That((integers / 2).dtype, Is.EqualTo(ScalarType.Float32));
            Assert.That((integers + tensor(new[] { 1.0 })).dtype, Is.EqualTo(ScalarType.Float64));
            Assert.That((ones(2, dtype: bfloat16) * 3).dtype, Is.EqualTo(ScalarType.BFloat16));
        });
    }

    [Test]
    public void A_scalar_keeps_its_kind()
    {
        Scalar whole = 3, real = 2.5f, truth = true;
        Assert.Multiple(() =>
        {
            Assert.That(whole.Type, Is.EqualTo(ScalarType.Int64));
            Assert.That(real.Type, Is.EqualTo(ScalarType.Float64));
            Assert.That(truth.Type, Is.EqualTo(ScalarType.Bool));
            Assert.That(whole.ToInt32(), Is.EqualTo(3));
            Assert.That(real.ToDouble(), Is.EqualTo(2.5));
            Assert.That(tensor(7L).ToScalar().ToInt64(), Is.EqualTo(7));
        });
    }
}
