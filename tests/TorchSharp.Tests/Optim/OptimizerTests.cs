using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharpTests.Reference;

namespace TorchSharpTests.Optim;

/// <summary>Six steps of every rule end where PyTorch's end.</summary>
public sealed class OptimizerTests
{
    private static readonly Dictionary<string, Func<IEnumerable<Parameter>, OptimizerHelper>> Rules = new()
    {
        ["sgd"] = p => optim.SGD(p, 0.1),
        ["sgd_decay"] = p => optim.SGD(p, 0.1, weight_decay: 0.05),
        ["sgd_momentum"] = p => optim.SGD(p, 0.1, 0.9, 0.2, 0.05),
        ["sgd_nesterov"] = p => optim.SGD(p, 0.1, 0.9, 0, 0.05, true),
        ["sgd_maximize"] = p => optim.SGD(p, 0.1, 0.9, 0, 0.05, maximize: true),
        ["adam"] = p => optim.Adam(p, 0.01),
        ["adam_decay"] = p => optim.Adam(p, 0.01, 0.8, 0.99, 1e-6, 0.05),
        ["adam_amsgrad"] = p => optim.Adam(p, 0.01, amsgrad: true),
        ["adam_maximize"] = p => optim.Adam(p, 0.01, weight_decay: 0.05, maximize: true),
        ["adamw"] = p => optim.AdamW(p, 0.01),
        ["adamw_decay"] = p => optim.AdamW(p, 0.01, 0.8, 0.99, 1e-6, 0.05),
        ["adamw_amsgrad"] = p => optim.AdamW(p, 0.01, weight_decay: 0.05, amsgrad: true),
    };

    private static IEnumerable<string> Names => Rules.Keys;

    [TestCaseSource(nameof(Names))]
    public void Six_steps_are_PyTorchs(string rule)
    {
        if (IsUpstream && rule == "sgd_maximize") Assert.Ignore("The real package decays weights upwards when it maximizes.");
        using var scope = NewDisposeScope();
        var (first, second) = Parameters();
        using var optimizer = Rules[rule]([first, second]);

        for (var step = 0; step < 6; step++) Step(optimizer, first, second, step);

        Assert.Multiple(() =>
        {
            Assert.That(Values(first), Is.EqualTo(Get($"optim.{rule}.first")).Within(1e-8));
            Assert.That(Values(second), Is.EqualTo(Get($"optim.{rule}.second")).Within(1e-8));
        });
    }

    /// <summary>Half precision and views with gaps cannot take the loop over plain memory; the rule is the same.</summary>
    [TestCaseSource(nameof(Names))]
    public void Tensors_of_other_layouts_follow_the_same_rule(string rule)
    {
        using var scope = NewDisposeScope();
        var (first, second) = Parameters();
        var (strided, _) = Parameters();
        strided = Parameter(strided.detach().t().contiguous().t());
        Assert.That(strided.is_contiguous(), Is.False);
        using var optimizer = Rules[rule]([first, strided]);

        for (var step = 0; step < 6; step++)
        {
            first.grad = Wave([4, 3], step);
            strided.grad = Wave([4, 3], step);
            optimizer.step();
        }

        Assert.That(Values(strided), Is.EqualTo(Values(first)).Within(1e-12));
    }

    [TestCaseSource(nameof(Names))]
    public void A_saved_state_goes_on_where_it_was(string rule)
    {
        if (IsUpstream && rule is ("sgd" or "sgd_decay")) Assert.Ignore("The real package fails to copy a state without a momentum buffer.");
        using var scope = NewDisposeScope();
        var (first, second) = Parameters();
        using var optimizer = Rules[rule]([first, second]);
        for (var step = 0; step < 3; step++) Step(optimizer, first, second, step);

        using var file = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(file));
        file.Position = 0;
        var (otherFirst, otherSecond) = (Parameter(first.detach().clone()), Parameter(second.detach().clone()));
        using var restored = Rules[rule]([otherFirst, otherSecond]);
        restored.load_state_dict(new BinaryReader(file));
        var (copyFirst, copySecond) = (Parameter(first.detach().clone()), Parameter(second.detach().clone()));
        using var copied = Rules[rule]([copyFirst, copySecond]);
        copied.load_state_dict(optimizer.state_dict());
        for (var step = 3; step < 6; step++)
        {
            Step(optimizer, first, second, step);
            Step(restored, otherFirst, otherSecond, step);
            Step(copied, copyFirst, copySecond, step);
        }

        Assert.Multiple(() =>
        {
            Assert.That(Values(otherFirst), Is.EqualTo(Values(first)));
            Assert.That(Values(otherSecond), Is.EqualTo(Values(second)));
            Assert.That(Values(copyFirst), Is.EqualTo(Values(first)));
            foreach (var (mine, theirs) in optimizer.state_dict().State.Zip(restored.state_dict().State))
                Assert.That(rule is "sgd" or "sgd_decay" || mine.ApproximatelyEquals(theirs), Is.True);
        });
    }

    [Test]
    public void Groups_have_their_own_settings_and_rates_may_change()
    {
        using var scope = NewDisposeScope();
        var (first, second) = Parameters();
        var (a, b) = (Values(first)[0], Values(second)[0]);
        using var optimizer = optim.SGD([new SGD.ParamGroup([first], new SGD.Options()), new SGD.ParamGroup([second], lr: 0.5)], 0.1);
        var groups = optimizer.ParamGroups.ToArray();
        Assert.That(groups.Select(group => group.LearningRate), Is.EqualTo(new[] { 0.1, 0.5 }));
        Assert.That(groups.Select(group => group.InitialLearningRate), Is.EqualTo(new[] { 0.1, 0.5 }));

        groups[0].LearningRate = 0.2;
        first.grad = ones_like(first);
        second.grad = ones_like(second);
        optimizer.step();

        Assert.Multiple(() =>
        {
            Assert.That(Values(first)[0], Is.EqualTo(a - 0.2).Within(1e-12));
            Assert.That(Values(second)[0], Is.EqualTo(b - 0.5).Within(1e-12));
            Assert.That(optimizer.parameters(), Is.EqualTo(new[] { first, second }));
        });
    }

    [Test]
    public void Parameters_without_a_gradient_stay()
    {
        using var scope = NewDisposeScope();
        var (first, second) = Parameters();
        var before = Values(second);
        using var optimizer = optim.Adam([first, second], 0.1, weight_decay: 0.1);
        first.grad = ones_like(first);

        optimizer.step();

        Assert.That(Values(second), Is.EqualTo(before));
    }

    [Test]
    public void Gradients_are_zeroed_where_they_lie()
    {
        using var scope = NewDisposeScope();
        var (first, second) = Parameters();
        using var optimizer = optim.SGD([("first", first), ("second", second)], 0.1);
        using var gradient = ones_like(first);
        first.grad = gradient;

        optimizer.zero_grad();

        Assert.Multiple(() =>
        {
            Assert.That(Values(gradient), Is.All.Zero);
            Assert.That(second.grad, Is.Null);
        });
    }

    [Test]
    public void A_closure_computes_the_loss_with_gradients()
    {
        using var scope = NewDisposeScope();
        var (first, _) = Parameters();
        var before = Values(first);
        using var optimizer = optim.SGD([first], 0.1);

        var loss = optimizer.step(() =>
        {
            var value = first.sum();
            value.backward();
            return value;
        });

        Assert.Multiple(() =>
        {
            Assert.That(loss.item<double>(), Is.EqualTo(before.Sum()).Within(1e-12));
            Assert.That(Values(first), Is.EqualTo(before.Select(value => value - 0.1)).Within(1e-12));
        });
    }

    [Test]
    public void A_step_makes_no_garbage_tensors()
    {
        using var scope = NewDisposeScope();
        var (first, second) = Parameters();
        using var optimizer = optim.Adam([first, second], 0.1);
        first.grad = ones_like(first);
        optimizer.step();
        var before = scope.DisposablesCount;

        for (var i = 0; i < 5; i++) optimizer.step();

        Assert.That(scope.DisposablesCount, Is.EqualTo(before));
    }

    [Test]
    public void Wrong_settings_are_refused()
    {
        using var scope = NewDisposeScope();
        var (first, _) = Parameters();
        Assert.Multiple(() =>
        {
            Assert.That(() => optim.SGD([first], -1), Throws.ArgumentException);
            Assert.That(() => optim.SGD([first], 1, nesterov: true), Throws.ArgumentException);
            Assert.That(() => optim.Adam([first], beta1: 1), Throws.ArgumentException);
            Assert.That(() => optim.AdamW([first], beta2: -0.1), Throws.ArgumentException);
        });
    }

    [Test]
    public void A_state_of_another_optimizer_is_refused()
    {
        using var scope = NewDisposeScope();
        var (first, second) = Parameters();
        using var sgd = optim.SGD([first], 0.1);
        using var adam = optim.Adam([first]);
        using var larger = optim.SGD([first, second], 0.1);
        using var file = new MemoryStream();
        sgd.save_state_dict(new BinaryWriter(file));
        file.Position = 0;
        Assert.That(() => adam.load_state_dict(new BinaryReader(file)), Throws.InstanceOf<InvalidDataException>());
        file.Position = 0;
        Assert.That(() => larger.load_state_dict(new BinaryReader(file)), Throws.ArgumentException);
        Assert.That(() => larger.load_state_dict(sgd.state_dict()), Throws.ArgumentException);
    }

    private static (Parameter First, Parameter Second) Parameters() => (Parameter(Wave([4, 3])), Parameter(Wave([5], 1)));

    private static Parameter Parameter(Tensor data) => nn.Parameter(data);

    private static void Step(OptimizerHelper optimizer, Parameter first, Parameter second, int step)
    {
        optimizer.zero_grad();
        var loss = (first * Wave([4, 3], step)).sin().sum() + (second.pow(2) * (step + 1)).sum();
        loss.backward();
        optimizer.step();
    }
}
