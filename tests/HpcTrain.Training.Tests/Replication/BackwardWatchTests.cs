using HpcTrain.Training.Replication;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace HpcTrain.Training.Tests.Replication;

public sealed class BackwardWatchTests
{
    [Test]
    public void Layers_are_complete_from_the_last_to_the_second_while_backward_goes_on()
    {
        using var module = Sequential(("a", Linear(3, 4)), ("ra", Tanh()), ("b", Linear(4, 5)), ("rb", Tanh()), ("c", Linear(5, 2)));
        var (reported, complete) = Reports(module, passes: 2);

        // The first layer's input needs no gradient.
        string[] once = ["c.weight", "c.bias", "b.weight", "b.bias"];
        Assert.That(reported, Is.EqualTo(once.Concat(once)));
        Assert.That(complete, Is.All.True, "each gradient is there when it is reported");
    }

    [Test]
    public void A_layer_that_is_called_twice_is_complete_after_both()
    {
        using var twice = Linear(4, 4);
        using var module = Sequential(("a", Linear(3, 4)), ("b", twice), ("r", Tanh()), ("again", twice), ("c", Linear(4, 2)));
        var (reported, complete) = Reports(module, passes: 1);
        Assert.That(reported, Is.EqualTo(new[] { "c.weight", "c.bias", "b.weight", "b.bias" }));
        Assert.That(complete, Is.All.True);
    }

    [Test]
    public void Forward_without_gradients_leaves_no_trace()
    {
        using var module = Sequential(("a", Linear(3, 4)), ("b", Linear(4, 2)));
        using var model = new FlatModel(module);
        var reported = new List<int>();
        using var watch = new BackwardWatch(model, reported.Add);
        using (no_grad())
        {
            using var output = module.call(rand(2, 3));
        }

        using var scope = NewDisposeScope();
        module.call(rand(2, 3)).sum().backward();
        Assert.That(reported, Is.EqualTo(new[] { 2, 3 }), "the call without gradients is not waited for");
    }

    [Test]
    public void Nothing_is_reported_after_it_is_disposed_of()
    {
        using var module = Sequential(("a", Linear(3, 4)), ("b", Linear(4, 2)));
        using var model = new FlatModel(module);
        var reported = new List<int>();
        new BackwardWatch(model, reported.Add).Dispose();
        using var scope = NewDisposeScope();
        module.call(rand(2, 3)).sum().backward();
        Assert.That(reported, Is.Empty);
    }

    private static (List<string> Reported, List<bool> Complete) Reports(Module<Tensor, Tensor> module, int passes)
    {
        using var model = new FlatModel(module);
        var (reported, seen) = (new List<string>(), new List<(int Slot, float[] Gradient)>());
        using var watch = new BackwardWatch(model, slot =>
        {
            reported.Add(model.Slots[slot].Name);
            using var gradient = model.Parameters[slot].grad;
            seen.Add((slot, gradient!.data<float>().ToArray()));
        });
        var complete = new List<bool>();
        for (var pass = 0; pass < passes; pass++)
        {
            using var scope = NewDisposeScope();
            model.ZeroGradients();
            module.call(rand(2, 3)).square().sum().backward();
            foreach (var (slot, gradient) in seen)
            {
                using var after = model.Parameters[slot].grad;
                complete.Add(gradient.AsSpan().SequenceEqual(after!.data<float>().ToArray()) && gradient.Any(g => g != 0));
            }

            seen.Clear();
            watch.Reset();
        }

        return (reported, complete);
    }
}
