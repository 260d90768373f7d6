using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CharTransformer.Tests;

/// <summary>What the model promises, whatever its weights are.</summary>
public sealed class ModelTests
{
    private const int Symbols = 11;

    private static IEnumerable<ModelShape> Shapes =>
    [
        new(Symbols, Context: 8, Layers: 1, Width: 8, Heads: 1),
        new(Symbols, Context: 8, Layers: 3, Width: 12, Heads: 3),
        new(Symbols, Context: 8, Layers: 2, Width: 16, Heads: 4, Dropout: 0.5),
    ];

    [TestCaseSource(nameof(Shapes))]
    public void A_later_character_changes_no_earlier_logits(object given)
    {
        using var scope = NewDisposeScope();
        var shape = (ModelShape)given;
        using var model = Model(shape);
        using var _ = no_grad();
        var text = Text(2, shape.Context);
        var logits = model.call(text);
        for (var changed = 0; changed < shape.Context; changed++)
        {
            var other = text.clone();
            other[.., changed] = (other[.., changed] + 1) % Symbols;
            var differs = model.call(other).ne(logits).any(-1, false).any(0);
            Assert.That(
                differs.data<bool>().ToArray(), Is.EqualTo(Enumerable.Range(0, shape.Context).Select(position => position >= changed)),
                $"character {changed} changed: logits that differ, by position");
        }
    }

    [TestCaseSource(nameof(Shapes))]
    public void It_is_a_flat_sequence_of_layers_from_one_tensor_to_one(object given)
    {
        using var scope = NewDisposeScope();
        var shape = (ModelShape)given;
        using var model = Model(shape);
        using var _ = no_grad();
        var text = Text(3, shape.Context);
        var x = text;
        foreach (var (name, layer) in model.named_children())
        {
            x = ((Module<Tensor, Tensor>)layer).call(x);
            Assert.That(x.shape, Is.EqualTo(new long[] { 3, shape.Context, name == "output" ? Symbols : shape.Width }), name);
        }

        var (width, layers) = (shape.Width, shape.Layers);
        var block = (12 * width * width) + (13 * width);
        Assert.That(x.Equals(model.call(text)), Is.True, "one after the other they are the model");
        Assert.That(model.named_children().Select(child => child.name), Is.EqualTo(
            new[] { "embedding" }.Concat(Enumerable.Range(1, layers).Select(i => $"block{i}")).Concat(["norm", "output"])));
        Assert.That(
            model.parameters().Sum(parameter => parameter.numel()),
            Is.EqualTo(((Symbols + shape.Context) * width) + (layers * block) + (2 * width) + ((width + 1) * Symbols)));
    }

    [TestCaseSource(nameof(Shapes))]
    public void At_first_all_characters_are_about_equally_likely(object given)
    {
        using var scope = NewDisposeScope();
        var shape = (ModelShape)given;
        using var model = Model(shape);
        using var _ = no_grad();
        var loss = functional.cross_entropy(model.call(Text(16, shape.Context)).flatten(0, 1), Text(16, shape.Context, seed: 5).flatten());
        Assert.That(loss.item<float>(), Is.EqualTo(Math.Log(Symbols)).Within(0.05));
    }

    [Test]
    public void Longer_samples_are_cut_into_pieces_of_the_context()
    {
        using var scope = NewDisposeScope();
        using var model = Model(new ModelShape(Symbols, Context: 6, Layers: 1, Width: 8, Heads: 2));
        using var _ = no_grad();
        var text = Text(2, 18);
        var pieces = cat([.. Enumerable.Range(0, 2).SelectMany(sample => Enumerable.Range(0, 3).Select(i => text[sample].slice(0, 6 * i, 6 * (i + 1), 1).unsqueeze(0)))]);
        Assert.That(model.call(text).Equals(model.call(pieces)), Is.True);
    }

    [Test]
    public void The_same_character_means_something_else_at_another_place_and_after_others()
    {
        using var scope = NewDisposeScope();
        using var model = Model(new ModelShape(Symbols, Context: 6, Layers: 1, Width: 8, Heads: 2));
        using var _ = no_grad();
        var logits = model.call(tensor(new long[,] { { 3, 3, 3, 1 }, { 3, 2, 3, 1 } }));
        Assert.That(logits[0, 0].Equals(logits[1, 0]), Is.True);
        Assert.That(logits[0, 1].allclose(logits[0, 0], 0, 1e-5), Is.False, "place");
        Assert.That(logits[0, 3].allclose(logits[1, 3], 0, 1e-5), Is.False, "what came before");
    }

    [Test]
    public void Dropout_is_for_training()
    {
        using var scope = NewDisposeScope();
        using var model = Model(new ModelShape(Symbols, Context: 6, Layers: 1, Width: 8, Heads: 2, Dropout: 0.5));
        using var _ = no_grad();
        var text = Text(2, 6);
        Assert.That(model.call(text).Equals(model.call(text)), Is.True);
        model.train();
        Assert.That(model.call(text).Equals(model.call(text)), Is.False);
    }

    private static Module<Tensor, Tensor> Model(ModelShape shape)
    {
        manual_seed(1);
        var model = Models.Transformer(shape);
        model.eval();
        return model;
    }

    private static Tensor Text(long samples, long characters, ulong seed = 3) =>
        randint(0, Symbols, [samples, characters], generator: new Generator(seed));
}
