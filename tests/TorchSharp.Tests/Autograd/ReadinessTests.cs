using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharpTests.Core.Values;

namespace TorchSharpTests.Autograd;

/// <summary>
/// When the gradients of a module's parameters are complete, seen from an identity function on the module's input.
///
/// The engine runs what is ready in the reverse order of recording, per thread that recorded and per device, and adds to
/// a leaf's gradient at once. A use that was recorded after the identity depends only on what was recorded still later, so
/// it has run by the time the identity's backward runs. Hence the rule: the gradients are complete if every use of the
/// parameters in the graph was recorded after the identity, by the same thread and on the same device. The tests below
/// hold it against modules of all kinds, and against each way to break it.
/// </summary>
public sealed class ReadinessTests
{
    private TorchSharp.DisposeScope _scope = null!;

    [SetUp]
    public void Open()
    {
        _scope = NewDisposeScope();
        manual_seed(7);
    }

    [TearDown]
    public void Close() => _scope.Dispose();

    private static IEnumerable<TestCaseData> Models()
    {
        TestCaseData Case(string name, Func<Module<Tensor, Tensor>> model, params long[] input) =>
            new TestCaseData(model, input).SetArgDisplayNames(name);

        yield return Case("Linear", () => Linear(4, 3), 5, 4);
        yield return Case("Linear without bias", () => Linear(4, 3, hasBias: false), 5, 4);
        yield return Case("Linear on three dimensions", () => Linear(4, 3), 2, 5, 4);
        yield return Case("Conv1d", () => Conv1d(2, 3, 3), 2, 2, 8);
        yield return Case("Conv2d", () => Conv2d(2, 3, 3, padding: 1), 2, 2, 6, 6);
        yield return Case("BatchNorm1d", () => BatchNorm1d(4), 6, 4);
        yield return Case("BatchNorm2d", () => BatchNorm2d(2), 3, 2, 4, 4);
        yield return Case("LayerNorm", () => LayerNorm(4), 5, 4);
        yield return Case("GroupNorm", () => GroupNorm(2, 4), 3, 4, 5);
        yield return Case("Embedding within", () => new Positions(5, 4), 5, 4);
        yield return Case("Sequential", () => Sequential(Linear(4, 8), ReLU(), Linear(8, 8), Tanh(), Linear(8, 2)), 5, 4);
        yield return Case(
            "Convolutions in sequences",
            () => Sequential(Block(2, 4), Sequential(Block(4, 4), AvgPool2d(2)), Flatten(), Linear(16, 3)),
            3, 2, 4, 4);
        yield return Case("Branches and own parameters", () => new Branches(), 5, 4);
        yield return Case("Branches in sequences", () => Sequential(Linear(4, 4), new Branches(), new Positions(5, 4), new Branches()), 5, 4);
    }

    [TestCaseSource(nameof(Models))]
    public void Gradients_are_complete_when_the_input_s_backward_runs(Func<Module<Tensor, Tensor>> make, long[] input)
    {
        using var model = make();
        var watched = new Watched(model);
        // Twice: the second pass adds to what the first one left.
        for (var pass = 0; pass < 2; pass++)
        {
            model.call(randn(input, requires_grad: true)).pow(2).sum().backward();
            foreach (var (module, seen) in watched.Seen)
            {
                if (module is Embedding) continue; // indices have no gradient: its table is looked at with the module around it
                Assert.That(seen, Has.Count.EqualTo(pass + 1), module.GetName());
                Assert.That(seen[pass], Is.EqualTo(watched.Gradients(module)), module.GetName());
                Assert.That(seen[pass], Is.Empty.Or.Some.Not.Zero, module.GetName());
            }
        }
    }

    [Test]
    public void Modules_report_in_the_reverse_order_of_their_calls()
    {
        using Module<Tensor, Tensor> a = Linear(4, 4), b = Linear(4, 4), c = Linear(4, 4);
        using var model = Sequential(a, b, c);
        var watched = new Watched(model);
        model.call(randn(5, 4, requires_grad: true)).pow(2).sum().backward();
        // The sequence's identity lies before its first module's.
        Assert.That(watched.Order, Is.EqualTo(new[] { c, b, a, model }));
    }

    [Test]
    public void An_input_without_a_gradient_is_never_seen()
    {
        using var model = Sequential(Linear(4, 4), Linear(4, 4));
        var watched = new Watched(model);
        model.call(randn(5, 4)).pow(2).sum().backward();
        // Neither the model's nor its first module's input; the second's follows from the first's weights.
        Assert.That(watched.Order, Is.EqualTo(model.children().Skip(1)));
        Assert.That(watched.Gradients(model), Has.All.Not.Zero);
    }

    [Test]
    public void Indices_are_never_seen()
    {
        using Module<Tensor, Tensor> table = Embedding(6, 4), top = Linear(4, 4);
        using var model = Sequential(table, top);
        var watched = new Watched(model);
        model.call(tensor(new long[] { 0, 5, 0 })).pow(2).sum().backward();
        Assert.That(watched.Order, Is.EqualTo(new[] { top }));
        Assert.That(watched.Gradients(table), Has.Some.Not.Zero);
    }

    [Test]
    public void A_module_used_twice_is_complete_at_its_last_report()
    {
        using Module<Tensor, Tensor> layer = Linear(4, 4);
        var watched = new Watched(layer);
        layer.call(layer.call(randn(5, 4, requires_grad: true)).tanh()).pow(2).sum().backward();
        var seen = watched.Seen[layer];
        Assert.That(seen, Has.Count.EqualTo(2));
        Assert.That(seen[0], Is.Not.EqualTo(watched.Gradients(layer)));
        Assert.That(seen[1], Is.EqualTo(watched.Gradients(layer)));
    }

    [Test]
    public void Shared_weights_are_complete_where_they_were_used_first()
    {
        using var shared = Parameter(randn(4, 4));
        using Module<Tensor, Tensor> first = new Product(shared), second = new Product(shared);
        using var model = Sequential(first, Tanh(), second);
        var watched = new Watched(model);
        model.call(randn(5, 4, requires_grad: true)).pow(2).sum().backward();
        Assert.That(watched.Seen[second][0], Is.Not.EqualTo(watched.Gradients(second)));
        Assert.That(watched.Seen[first][0], Is.EqualTo(watched.Gradients(first)));
    }

    [Test]
    public void A_use_outside_the_module_must_come_after_its_call([Values] bool after)
    {
        using Module<Tensor, Tensor> layer = Linear(4, 4);
        var watched = new Watched(layer);
        Tensor Penalty() => layer.parameters().Select(p => p.pow(2).sum()).Aggregate((a, b) => a + b);
        var before = after ? null : Penalty();
        var y = layer.call(randn(5, 4, requires_grad: true)).pow(2).sum();
        // The sum is recorded last in both cases; what counts is where the parameters were read.
        (y + (before ?? Penalty())).backward();
        Assert.That(watched.Seen[layer][0].SequenceEqual(watched.Gradients(layer)), Is.EqualTo(after));
    }

    [Test]
    public void Gradients_that_are_recorded_leave_the_buffer()
    {
        using Module<Tensor, Tensor> layer = Linear(4, 4);
        var watched = new Watched(layer);
        layer.call(randn(5, 4, requires_grad: true)).pow(2).sum().backward(create_graph: true);
        // With a graph of their own, gradients are new tensors and not sums in place.
        Assert.That(watched.Gradients(layer), Has.All.Zero);
        Assert.That(Read(layer.parameters().First().grad!), Has.Some.Not.Zero);
        foreach (var parameter in layer.parameters()) parameter.grad = null;
    }

    [Test]
    public void A_module_that_changes_its_input_in_place_is_refused()
    {
        using Module<Tensor, Tensor> model = ReLU(inplace: true);
        _ = new Watched(model);
        var e = Assert.Throws<ExternalException>(() => model.call(randn(5, 4, requires_grad: true) * 2));
        Assert.That(e!.Message, Does.Contain("is a view and is being modified inplace"));
    }

    [Test]
    public void Modules_with_parameters_of_their_own_stand_activations_in_place()
    {
        using var model = Sequential(Linear(4, 4), ReLU(inplace: true), Sequential(Linear(4, 4), ReLU(inplace: true), Linear(4, 4)));
        var watched = new Watched(model, module => module.named_parameters(recurse: false).Any());
        model.call(randn(5, 4, requires_grad: true)).pow(2).sum().backward();
        Assert.That(watched.Order, Has.Count.EqualTo(3));
        foreach (var module in watched.Order) Assert.That(watched.Seen[module][0], Is.EqualTo(watched.Gradients(module)));
    }

    private static Sequential Block(long inputs, long outputs) => Sequential(Conv2d(inputs, outputs, 3, padding: 1), BatchNorm2d(outputs), ReLU());

    /// <summary>A module, the gradients of its parameters in one buffer, and what each module's identity saw there.</summary>
    private sealed class Watched
    {
        // By native tensor: modules may share one.
        private readonly Dictionary<nint, Tensor> _views = [];

        public Watched(Module<Tensor, Tensor> model, Func<Module, bool>? which = null)
        {
            var parameters = model.parameters().DistinctBy(p => p.Handle).ToList();
            var flat = zeros(parameters.Sum(p => p.numel()));
            long offset = 0;
            foreach (var parameter in parameters)
            {
                var view = flat.narrow(0, offset, parameter.numel());
                _views.Add(parameter.Handle, view);
                parameter.grad = view.view(parameter.shape);
                offset += parameter.numel();
            }

            foreach (var module in model.modules().Prepend(model).Distinct().OfType<Module<Tensor, Tensor>>())
            {
                if (which?.Invoke(module) == false) continue;
                Seen.Add(module, []);
                module.register_forward_pre_hook((_, input) => Watch.apply(input, (Action<Tensor>)(_ => Report(module))));
            }
        }

        public Dictionary<Module<Tensor, Tensor>, List<double[]>> Seen { get; } = [];

        public List<Module<Tensor, Tensor>> Order { get; } = [];

        /// <summary>The buffer's part that belongs to the module and those within.</summary>
        public double[] Gradients(Module module) => [.. module.parameters().SelectMany(p => Read(_views[p.Handle]))];

        private void Report(Module<Tensor, Tensor> module)
        {
            Order.Add(module);
            Seen[module].Add(Gradients(module));
        }
    }

    /// <summary>x plus a learned vector per row.</summary>
    private sealed class Positions : Module<Tensor, Tensor>
    {
        private readonly Embedding table;

        public Positions(long rows, long columns) : base(nameof(Positions))
        {
            table = Embedding(rows, columns);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input + table.call(arange(input.shape[0]));
    }

    /// <summary>Two layers side by side, a way past them, and parameters used directly.</summary>
    private sealed class Branches : Module<Tensor, Tensor>
    {
        private readonly Linear left = Linear(4, 4);
        private readonly Sequential right = Sequential(Linear(4, 4), ReLU(), Linear(4, 4));
        private readonly Parameter scale = Parameter(ones(4) * 0.5);
        private readonly Parameter shift = Parameter(ones(4));

        public Branches() : base(nameof(Branches)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            var offset = shift.exp(); // does not depend on the input
            return input + (left.call(input).tanh() * scale) + right.call(input) + offset;
        }
    }

    private sealed class Product : Module<Tensor, Tensor>
    {
        private readonly Parameter weight;

        public Product(Parameter weight) : base(nameof(Product))
        {
            this.weight = weight;
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => input.mm(weight);
    }
}
