using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharpTests.NN;

/// <summary>What a module is made of, and what happens to all of it.</summary>
public sealed class ModuleTests
{
    private sealed class Part : Module<Tensor, Tensor>
    {
        private readonly Linear inner = Linear(2, 2, hasBias: false);

        public Part() : base("Part") => RegisterComponents();

        public override Tensor forward(Tensor input) => inner.call(input);
    }

    private sealed class Whole : Module<Tensor, Tensor, Tensor>
    {
        public readonly Parameter scale = Parameter(ones(2));
        public readonly Part first = new();
        private readonly Module<Tensor, Tensor> second = Sequential(("a", Linear(2, 3)), ("b", BatchNorm1d(3)));
        public readonly Tensor table = arange(3);
        public readonly Sequential named = Sequential(("x", ReLU()), ("y", Linear(1, 1)));
        public readonly Part shared;

        public Whole() : base("Whole")
        {
            shared = first;
            register_buffer("scratch", zeros(1), persistent: false);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input1, Tensor input2) => second.call(first.call(input1) * scale + input2);
    }

    private DisposeScope _scope = null!;

    [SetUp]
    public void OpenScope() => _scope = NewDisposeScope();

    [TearDown]
    public void CloseScope() => _scope.Dispose();

    [Test]
    public void Fields_are_registered_under_their_names()
    {
        using var whole = new Whole();
        Assert.Multiple(() =>
        {
            Assert.That(whole.named_parameters().Select(named => named.name), Is.EqualTo(new[]
            {
                "scale", "first.inner.weight", "second.a.weight", "second.a.bias", "second.b.weight", "second.b.bias",
                "named.y.weight", "named.y.bias",
            }));
            Assert.That(whole.named_parameters(recurse: false).Select(named => named.name), Is.EqualTo(new[] { "scale" }));
            Assert.That(whole.named_buffers(include_nonpersistent: false).Select(named => named.name), Is.EqualTo(new[]
            {
                "table", "second.b.running_mean", "second.b.running_var", "second.b.num_batches_tracked",
            }));
            Assert.That(whole.named_children().Select(named => named.name), Is.EqualTo(new[] { "first", "second", "named", "shared" }));
            Assert.That(whole.named_modules().Select(named => named.name), Is.SupersetOf(new[]
            {
                "first", "first.inner", "second.a", "named.x", "named.y",
            }));
            Assert.That(whole.parameters().Count(), Is.EqualTo(8));
            Assert.That(whole.children().Count(), Is.EqualTo(4));
            Assert.That(whole.modules(), Does.Contain(whole.first));
        });
    }

    [Test]
    public void Members_are_found_by_dotted_names()
    {
        using var whole = new Whole();
        Assert.Multiple(() =>
        {
            Assert.That(whole.get_parameter("scale"), Is.SameAs(whole.scale));
            Assert.That(whole.get_parameter("second.a.weight")!.shape, Is.EqualTo(new long[] { 3, 2 }));
            Assert.That(whole.get_parameter("second.c.weight"), Is.Null);
            Assert.That(whole.get_parameter("nothing"), Is.Null);
            Assert.That(whole.has_parameter("named.y.bias"), Is.True);
            Assert.That(whole.get_buffer("second.b.running_var")!.shape, Is.EqualTo(new long[] { 3 }));
            Assert.That(whole.has_buffer("scratch"), Is.True);
            Assert.That(whole.has_buffer("second.a.weight"), Is.False);
        });
    }

    [Test]
    public void The_state_has_parameters_and_persistent_buffers()
    {
        using var whole = new Whole();
        var state = whole.state_dict(prefix: "model");
        Assert.Multiple(() =>
        {
            Assert.That(state, Does.ContainKey("model.first.inner.weight").And.ContainKey("model.table"));
            Assert.That(state, Does.Not.ContainKey("model.scratch"));
            Assert.That(state["model.scale"], Is.SameAs(whole.scale));
        });
    }

    [Test]
    public void A_state_is_loaded_by_name()
    {
        using var source = new Whole();
        using var target = new Whole();

        var (missing, unexpected) = target.load_state_dict(source.state_dict());

        Assert.Multiple(() =>
        {
            Assert.That(missing, Is.Empty);
            Assert.That(unexpected, Is.Empty);
            foreach (var (name, tensor) in source.state_dict())
                Assert.That(Reference.Values(target.state_dict()[name]), Is.EqualTo(Reference.Values(tensor)), name);
        });
    }

    [Test]
    public void A_state_that_does_not_fit_is_refused_or_told()
    {
        using var target = new Whole();
        var state = target.state_dict();
        state.Remove("scale");
        state.Add("more", ones(1));

        Assert.That(() => target.load_state_dict(state), Throws.InvalidOperationException);
        var (missing, unexpected) = target.load_state_dict(state, strict: false);
        var (none, still) = target.load_state_dict(state, strict: false, skip: ["scale"]);

        Assert.Multiple(() =>
        {
            Assert.That(missing, Is.EqualTo(new[] { "scale" }));
            Assert.That(unexpected, Is.EqualTo(new[] { "more" }));
            Assert.That(none, Is.Empty);
            Assert.That(still, Is.EqualTo(new[] { "more" }));
        });
    }

    [Test]
    public void Training_and_evaluation_reach_all_modules()
    {
        using var whole = new Whole();
        Assert.That(whole.training, Is.True);
        whole.eval();
        Assert.That(whole.modules().Append(whole).Any(module => module.training), Is.False);
        whole.train();
        Assert.That(whole.modules().Append(whole).All(module => module.training), Is.True);
    }

    [Test]
    public void Gradients_are_cleared_or_zeroed()
    {
        using var whole = new Whole();
        whole.call(ones(4, 2), ones(4, 2)).sum().backward();
        Assert.That(whole.scale.grad, Is.Not.Null);

        whole.zero_grad(set_to_none: false);
        Assert.That(Reference.Values(whole.scale.grad!), Is.All.Zero);

        whole.zero_grad();
        Assert.That(whole.parameters().Any(parameter => parameter.grad is not null), Is.False);
    }

    [Test]
    public void A_move_to_another_type_takes_fields_gradients_and_floating_buffers_along()
    {
        using var whole = new Whole();
        whole.call(ones(4, 2), ones(4, 2)).sum().backward();

        var moved = whole.to(ScalarType.Float64);

        Assert.Multiple(() =>
        {
            Assert.That(moved, Is.SameAs(whole));
            Assert.That(whole.parameters().Select(parameter => parameter.dtype), Is.All.EqualTo(ScalarType.Float64));
            Assert.That(whole.scale.dtype, Is.EqualTo(ScalarType.Float64));
            Assert.That(whole.scale.requires_grad, Is.True);
            Assert.That(whole.scale.grad!.dtype, Is.EqualTo(ScalarType.Float64));
            Assert.That(whole.get_parameter("scale"), Is.SameAs(whole.scale));
            Assert.That(whole.get_buffer("second.b.running_mean")!.dtype, Is.EqualTo(ScalarType.Float64));
            Assert.That(whole.get_buffer("second.b.num_batches_tracked")!.dtype, Is.EqualTo(ScalarType.Int64));
            Assert.That(whole.get_buffer("table")!.dtype, Is.EqualTo(ScalarType.Int64));
            Assert.That(whole.call(ones(4, 2, dtype: float64), ones(4, 2, dtype: float64)).dtype, Is.EqualTo(ScalarType.Float64));
            Assert.That(() => whole.to(ScalarType.Int32), Throws.ArgumentException);
        });
    }

    [Test]
    public void A_move_to_where_it_is_changes_nothing()
    {
        using var whole = new Whole();
        var before = whole.parameters().ToArray();
        whole.to(CPU).to(ScalarType.Float32).cpu();
        Assert.That(whole.parameters(), Is.EqualTo(before));
    }

    [Test]
    public void A_function_is_applied_to_the_leaves_first()
    {
        using var whole = new Whole();
        var seen = new List<string>();
        whole.apply(module => seen.Add(module.GetName()));
        Assert.Multiple(() =>
        {
            Assert.That(seen.First(), Is.EqualTo("Linear"));
            Assert.That(seen.Last(), Is.EqualTo("Whole"));
            Assert.That(seen, Does.Contain("BatchNorm1d").And.Contain("ReLU"));
        });
    }

    [Test]
    public void Hooks_see_and_may_replace_inputs_and_results()
    {
        using var linear = Linear(Parameter(eye(2)));
        var calls = new List<string>();
        var before = linear.register_forward_pre_hook((_, input) =>
        {
            calls.Add("before");
            return input * 2;
        });
        var after = linear.register_forward_hook((_, _, output) =>
        {
            calls.Add("after");
            return output + 1;
        });

        var hooked = linear.call(ones(1, 2));
        before.remove();
        after.remove();
        var plain = linear.call(ones(1, 2));

        Assert.Multiple(() =>
        {
            Assert.That(Reference.Values(hooked), Is.EqualTo(new double[] { 3, 3 }));
            Assert.That(Reference.Values(plain), Is.EqualTo(new double[] { 1, 1 }));
            Assert.That(calls, Is.EqualTo(new[] { "before", "after" }));
        });
    }

    [Test]
    public void Disposal_reaches_parameters_and_buffers()
    {
        var whole = new Whole();
        var members = whole.parameters().Concat(whole.buffers()).ToArray();
        whole.Dispose();
        Assert.That(members.All(member => member.IsInvalid), Is.True);
    }

    [Test]
    public void A_layer_outlives_the_scope_that_it_was_made_in()
    {
        Linear linear;
        BatchNorm1d norm;
        using (NewDisposeScope())
        {
            linear = Linear(2, 2);
            norm = BatchNorm1d(2);
        }

        using (linear)
        using (norm)
            Assert.That(norm.call(linear.call(ones(3, 2))).shape, Is.EqualTo(new long[] { 3, 2 }));
    }

    [Test]
    public void A_name_is_registered_once()
    {
        using var module = Sequential(("a", Linear(1, 1)));
        module.register_buffer("table", ones(1));
        Assert.Multiple(() =>
        {
            Assert.That(() => module.register_buffer("table", ones(1)), Throws.InvalidOperationException);
            Assert.That(() => module.register_buffer("none", null!), Throws.ArgumentNullException);
            Assert.That(() => module.register_module("a.b", ReLU()), Throws.ArgumentException);
            Assert.That(() => ReLU().register_parameter("p", Parameter(ones(1))), Throws.InvalidOperationException);
        });
    }
}
