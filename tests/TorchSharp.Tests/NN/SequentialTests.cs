using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharpTests.NN;

public sealed class SequentialTests
{
    [Test]
    public void Modules_run_in_order_and_leave_the_input_alone()
    {
        using var scope = NewDisposeScope();
        using var sequence = Sequential(Linear(Parameter(eye(2) * 2)), ReLU(inplace: true), Identity());
        var input = tensor(new[] { -1f, 3f }).reshape(1, 2);

        var output = sequence.call(input);

        Assert.Multiple(() =>
        {
            Assert.That(Reference.Values(output), Is.EqualTo(new double[] { 0, 6 }));
            Assert.That(Reference.Values(input), Is.EqualTo(new double[] { -1, 3 }));
        });
    }

    [Test]
    public void What_passes_between_the_modules_is_disposed()
    {
        using var sequence = Sequential(Linear(2, 2), Tanh(), Linear(2, 2), Sigmoid());
        using var input = ones(1, 2);
        using var scope = NewDisposeScope();

        _ = sequence.call(input);

        Assert.That(scope.DisposablesCount, Is.EqualTo(1));
    }

    [Test]
    public void An_empty_sequence_gives_the_input_as_another_object()
    {
        using var scope = NewDisposeScope();
        var input = ones(2);
        var output = Sequential().call(input);
        Assert.That(output, Is.Not.SameAs(input));
        input.Dispose();
        Assert.That(Reference.Values(output), Is.EqualTo(new double[] { 1, 1 }));
    }

    [Test]
    public void Names_are_given_or_counted()
    {
        using var given = Sequential(("first", Linear(1, 1)), ("second", ReLU()));
        using var counted = Sequential(Linear(1, 1), ReLU()).append(Linear(1, 1)).append("last", Linear(1, 1, hasBias: false));
        using var tuples = Sequential(Tuple.Create("x", (Module<Tensor, Tensor>)Linear(1, 1)));
        Assert.Multiple(() =>
        {
            Assert.That(given.named_parameters().Select(named => named.name), Is.EqualTo(new[] { "first.weight", "first.bias" }));
            Assert.That(counted.state_dict().Keys, Is.EqualTo(new[] { "0.weight", "0.bias", "2.weight", "2.bias", "last.weight" }));
            Assert.That(tuples.named_children().Single().name, Is.EqualTo("x"));
            Assert.That(counted.Count, Is.EqualTo(4));
        });
    }

    [Test]
    public void Parts_share_their_modules()
    {
        using var sequence = Sequential(Linear(1, 1), ReLU(), Linear(1, 1), Tanh());
        Assert.Multiple(() =>
        {
            Assert.That(sequence[1], Is.InstanceOf<ReLU>());
            Assert.That(sequence[1..3].Count, Is.EqualTo(2));
            Assert.That(sequence[^2..][0], Is.SameAs(sequence[2]));
            Assert.That(sequence[(null, 1)].parameters(), Is.EqualTo(((Linear)sequence[0]).parameters()));
        });
    }

    [Test]
    public void Training_reaches_the_modules()
    {
        using var sequence = Sequential(Dropout(), BatchNorm2d(1));
        sequence.eval();
        Assert.That(sequence.children().Any(module => module.training), Is.False);
    }

    [Test]
    public void Lists_and_dictionaries_are_registered_with_their_owner()
    {
        var list = ModuleList<Module<Tensor, Tensor>>(Linear(1, 1));
        list.Add(ReLU());
        list.append(Linear(1, 1, hasBias: false));
        using var dictionary = ModuleDict(("list", list), ("norm", (Module)LayerNorm(2)));
        using var owner = new Owner(dictionary);
        Assert.Multiple(() =>
        {
            Assert.That(list, Has.Count.EqualTo(3));
            Assert.That(dictionary["norm"], Is.InstanceOf<LayerNorm>());
            Assert.That(owner.state_dict().Keys, Is.EqualTo(new[]
            {
                "members.list.0.weight", "members.list.0.bias", "members.list.2.weight", "members.norm.weight", "members.norm.bias",
            }));
        });
    }

    private sealed class Owner : Module
    {
        private readonly Module members;

        public Owner(Module members) : base(nameof(Owner))
        {
            this.members = members;
            RegisterComponents();
        }

        public override string GetName() => base.GetName() + " of " + members.GetName();
    }
}
