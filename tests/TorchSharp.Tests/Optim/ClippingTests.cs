using static TorchSharp.torch;
using static TorchSharpTests.Reference;

namespace TorchSharpTests.Optim;

public sealed class ClippingTests
{
    [TestCase(1.0, "clip.1")]
    [TestCase(2.0, "clip.2")]
    [TestCase(double.PositiveInfinity, "clip.inf")]
    public void The_common_norm_is_limited_as_in_PyTorch(double type, string reference)
    {
        using var scope = NewDisposeScope();
        var tensors = new[] { nn.Parameter(Wave([4, 3])), nn.Parameter(Wave([5], 1)), nn.Parameter(ones(2)) };
        foreach (var tensor in tensors[..2]) tensor.grad = tensor.detach() * 3;

        var norm = nn.utils.clip_grad_norm_(tensors, 1.5, type);

        Assert.That(Values(tensors[0].grad!).Prepend(norm), Is.EqualTo(Get(reference)).Within(1e-6));
    }

    [Test]
    public void A_small_norm_leaves_the_gradients_alone()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(ones(4));
        parameter.grad = ones(4);
        Assert.That(nn.utils.clip_grad_norm_([parameter], 2.5), Is.EqualTo(2).Within(1e-6));
        Assert.That(Values(parameter.grad!), Is.All.EqualTo(1));
    }

    [Test]
    public void Values_are_limited_one_by_one()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(ones(3));
        parameter.grad = tensor(new[] { -3f, 0.5f, 2f });
        nn.utils.clip_grad_value_([parameter], 1);
        Assert.That(Values(parameter.grad!), Is.EqualTo(new[] { -1, 0.5, 1 }));
    }

    [Test]
    public void Parameters_become_a_vector_and_come_back()
    {
        using var scope = NewDisposeScope();
        var tensors = new[] { nn.Parameter(ones(2, 2)), nn.Parameter(zeros(3)) };
        var vector = nn.utils.parameters_to_vector(tensors);
        Assert.That(Values(vector), Is.EqualTo(new double[] { 1, 1, 1, 1, 0, 0, 0 }));
        nn.utils.vector_to_parameters(vector.detach() + 1, tensors);
        Assert.That(Values(tensors[1]), Is.All.EqualTo(1));
    }
}
