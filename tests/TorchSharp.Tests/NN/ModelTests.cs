using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharpTests.NN;

/// <summary>Whole models in the ways that TorchSharp's users write them.</summary>
public sealed class ModelTests
{
    [Test]
    public void A_model_of_fields_gives_log_probabilities()
    {
        using var scope = NewDisposeScope();
        using var model = new DigitModel("digits", CPU);
        model.eval();

        using var output = model.call(rand(2, 1, 28, 28));

        Assert.Multiple(() =>
        {
            Assert.That(output.shape, Is.EqualTo(new long[] { 2, 10 }));
            Assert.That(Reference.Values(output.exp().sum(1)), Is.All.EqualTo(1).Within(1e-5));
            Assert.That(model.parameters().Sum(parameter => parameter.NumberOfElements), Is.EqualTo(1_199_882));
            Assert.That(model.state_dict().Keys, Is.EqualTo(new[]
            {
                "conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias",
            }).AsCollection);
        });
    }

    [Test]
    public void A_model_of_named_sequences_trains()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = new PictureModel("pictures", 10);
        var optimizer = optim.Adam(model.parameters(), 0.001);
        var (input, target) = (rand(4, 3, 32, 32), tensor(new long[] { 1, 2, 3, 4 }));
        var loss = CrossEntropyLoss();
        var losses = new List<float>();

        for (var step = 0; step < 8; step++)
        {
            optimizer.zero_grad();
            using var output = loss.call(model.call(input), target);
            output.backward();
            optimizer.step();
            losses.Add(output.ToSingle());
        }

        Assert.Multiple(() =>
        {
            Assert.That(losses[^1], Is.LessThan(losses[0]));
            Assert.That(model.named_parameters().Select(named => named.name), Does.Contain("features.c1.weight").And.Contain("classifier.l3.bias"));
        });
    }

    [TestCase(1, 16, 6)]
    [TestCase(2, 32, 9)]
    public void A_residual_block_has_its_shortcut(int stride, int planes, int members)
    {
        using var scope = NewDisposeScope();
        using var model = new Residual(16, planes, stride);
        using var output = model.call(rand(2, 16, 8, 8));
        Assert.Multiple(() =>
        {
            Assert.That(output.shape, Is.EqualTo(new long[] { 2, planes, 8 / stride, 8 / stride }));
            Assert.That(model.parameters().Count(), Is.EqualTo(members));
            Assert.That(model.buffers().Count(), Is.EqualTo(members));
        });
    }

    [Test]
    public void A_character_model_learns_a_sequence()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var model = new CharacterModel(11, 16, 7);
        var optimizer = optim.AdamW(model.parameters(), 0.02, weight_decay: 0.01);
        var symbols = tensor(new long[] { 1, 2, 3, 4, 5, 6, 7 }).reshape(1, 7);
        var next = tensor(new long[] { 2, 3, 4, 5, 6, 7, 8 });
        var scale = tensor(0.25f);
        var last = float.PositiveInfinity;

        for (var step = 0; step < 60; step++)
        {
            using var step_scope = NewDisposeScope();
            optimizer.zero_grad();
            var loss = functional.cross_entropy(model.call(symbols, scale).reshape(7, 11), next);
            loss.backward();
            nn.utils.clip_grad_norm_(model.parameters(), 1.0);
            optimizer.step();
            last = loss.item<float>();
        }

        Assert.Multiple(() =>
        {
            Assert.That(last, Is.LessThan(0.1f));
            Assert.That(model.state_dict().Keys, Does.Contain("position").And.Contain("causal").And.Contain("blocks.1.1.weight"));
            Assert.That(model.get_parameter("blocks.0.1.bias")!.shape, Is.EqualTo(new long[] { 64 }));
            Assert.That(model.parameters().All(parameter => parameter.requires_grad), Is.True);
        });
    }
}
