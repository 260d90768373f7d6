using HpcTrain.Data;
using HpcTrain.Runs;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CharTransformer.Tests;

/// <summary>What a model writes.</summary>
public sealed class TextSamplerTests
{
    private static readonly Vocabulary _letters = new(["\uFFFD", "a", "b", "c", "d"]);

    /// <summary>Gives fixed logits after each character: at row i those after id i.</summary>
    private sealed class Table(float[,] logits) : Module<Tensor, Tensor>(nameof(Table))
    {
        public long Longest { get; private set; }

        public override Tensor forward(Tensor input)
        {
            Longest = Math.Max(Longest, input.shape[1]);
            using var rows = tensor(logits);
            return rows[input];
        }
    }

    private static Table Successors(float strength)
    {
        var logits = new float[5, 5];
        for (var id = 1; id < 5; id++)
        {
            logits[id, (id % 4) + 1] = strength;
            logits[id, Vocabulary.Unknown] = 100; // however likely, it is no character to write
        }

        return new Table(logits);
    }

    [Test]
    public void The_likeliest_character_follows_at_temperature_zero()
        => Assert.That(new TextSampler(Successors(1), _letters, 8).Sample("ca", 6, 0, 1), Is.EqualTo("cabcdabc"));

    [Test]
    public void The_same_seed_draws_the_same_text_and_another_seed_another()
    {
        var sampler = new TextSampler(Successors(1), _letters, 8);
        var text = sampler.Sample("a", 200, 1, 7);
        Assert.That(sampler.Sample("a", 200, 1, 7), Is.EqualTo(text));
        Assert.That(sampler.Sample("a", 200, 1, 8), Is.Not.EqualTo(text));
        Assert.That(text, Has.Length.EqualTo(201).And.Not.Contain("\uFFFD"));
    }

    [TestCase(0.5)]
    [TestCase(1)]
    [TestCase(2)]
    public void Characters_are_drawn_by_their_odds_at_the_temperature(double temperature)
    {
        var text = new TextSampler(Successors(2), _letters, 8).Sample("a", 4000, temperature, 3);
        var followed = text.Zip(text.Skip(1)).Count(pair => pair.Second == "abcda"[pair.First - 'a' + 1]);
        var odds = Math.Exp(2 / temperature);
        Assert.That(followed / 4000.0, Is.EqualTo(odds / (odds + 3)).Within(0.03));
    }

    [Test]
    public void The_model_sees_no_more_than_its_context_and_trains_on_as_before()
    {
        var model = Successors(1);
        new TextSampler(model, _letters, 4).Sample("abcdabcd", 5, 1, 1);
        Assert.That(model.Longest, Is.EqualTo(4));
        Assert.That(model.training, Is.True);
        model.eval();
        new TextSampler(model, _letters, 4).Sample("a", 1, 1, 1);
        Assert.That(model.training, Is.False);
    }

    [Test]
    public void The_text_stays_in_the_run_folder()
    {
        var path = Directory.CreateTempSubdirectory("hpctrain-sample-").FullName;
        try
        {
            var run = RunFolder.CreateAt(Path.Combine(path, "run"));
            var told = new TextSampler(Successors(1), _letters, 8).Write(run, "a", 3, 0, 1);
            Assert.That(File.ReadAllText(Path.Combine(run.Path, "sample.txt")), Is.EqualTo("abcd\n"));
            Assert.That(told, Does.Contain("3 characters at temperature 0, seed 1").And.Contain("abcd"));
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
